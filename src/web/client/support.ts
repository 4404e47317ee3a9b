/** A support bundle, made and handed to the browser as a download. */
import { send } from "./api.ts";
import { passphraseFault } from "./spool.ts";

const NAME = "support.bundle";
/** Some browsers read what is downloaded only after a while. */
const KEPT_MS = 60_000;

/** What is wrong with a passphrase typed twice; undefined when nothing is. There is no bundle without one. */
export function bundleFault(passphrase: string, again: string): string | undefined {
  return passphrase === "" && again === "" ? "12 characters at least" : passphraseFault(passphrase, again);
}

/** @throws {ApiError} */
export async function downloadBundle(passphrase: string, signal: AbortSignal): Promise<void> {
  const response = await send("POST", "/api/support-bundle", { body: { passphrase }, signal });
  const file = await response.blob();
  signal.throwIfAborted();
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = NAME;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
