import { infoOf, linkFree, replaceFile } from "../../core/home_file.ts";
import { PKI_FOLDER } from "./pki_folder.ts";

/** Where it is kept which server showed which certificate, for people: `src/service/trust_list.ts` shows it. */
const FILE = `${PKI_FOLDER}/met.json`;
/** Anybody on the network can show new ones. */
const MAX_ENTRIES = 300;
const MAX_BYTES = 256 * 1024;
/** One that is met again and again is noted anew after so long. */
const NOTED_FOR_MS = 3_600_000;

interface Met {
  readonly endpoint: string;
  /** ISO 8601. */
  readonly time: string;
}

/**
 * Notes at which endpoint a certificate (by its thumbprint) was shown last. It is only told, nothing is decided by it:
 * that it cannot be written, on a full disk, say, stops nobody.
 */
export function noteMet(
  home: string,
  thumbprint: string,
  { endpoint, nowMs }: { endpoint: string; nowMs: number },
): void {
  try {
    const known = readMet(home);
    const before = known[thumbprint];
    if (before?.endpoint === endpoint && Math.abs(nowMs - Date.parse(before.time)) < NOTED_FOR_MS) return;
    const { [thumbprint]: _old, ...others } = known;
    const all = { ...others, [thumbprint]: { endpoint, time: new Date(nowMs).toISOString() } };
    const kept = Object.entries(all).slice(-MAX_ENTRIES);
    replaceFile(home, `${home}/${FILE}`, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
  } catch {
    // who connects is not to fail by it
  }
}

/** Empty where there is none, or none that can be read. */
function readMet(home: string): Readonly<Record<string, Met>> {
  const path = `${home}/${FILE}`;
  if ((infoOf(path)?.size ?? Infinity) > MAX_BYTES) return {}; // none yet, or none of ours
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(linkFree(home, path)));
    return typeof value === "object" && value !== null ? value as Record<string, Met> : {}; // written by us alone
  } catch {
    return {}; // damaged: it begins anew
  }
}
