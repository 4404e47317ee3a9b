/** A support bundle, made and handed to the browser as a download. */
import { send } from "./api.ts";
import { passphraseFault } from "./spool.ts";

const NAME = "support.bundle";

/** What is wrong with a passphrase typed twice; undefined when nothing is. There is no bundle without one. */
export function bundleFault(passphrase: string, again: string): string | undefined {
  return passphrase === "" && again === "" ? "12 characters at least" : passphraseFault(passphrase, again);
}

/** @throws {ApiError} */
export async function downloadBundle(passphrase: string): Promise<void> {
  const response = await send("POST", "/api/support-bundle", { body: { passphrase } });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = NAME;
  link.click();
  URL.revokeObjectURL(address);
}
