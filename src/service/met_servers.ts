/** At which endpoints certificates were shown: what the OPC UA source notes beside its folders. */
import { infoOf, linkFree } from "../core/home_file.ts";

/** Where the OPC UA source keeps certificates, under the home directory. */
export const PKI = "certs/opcua";
const FILE = `${PKI}/met.json`;
const MAX_BYTES = 256 * 1024;

export interface Met {
  readonly endpoint: string;
  /** ISO 8601. */
  readonly time: string;
}

/** By thumbprint. What cannot be read is nothing: it is only told. */
export function readMet(home: string): ReadonlyMap<string, Met> {
  const path = `${home}/${FILE}`;
  if ((infoOf(path)?.size ?? Infinity) > MAX_BYTES) return new Map();
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(linkFree(home, path)));
    return new Map(
      Object.entries(value ?? {}).flatMap(([key, met]): [string, Met][] => isMet(met) ? [[key, met]] : []),
    );
  } catch {
    return new Map();
  }
}

function isMet(value: unknown): value is Met {
  const { endpoint, time } = (value ?? {}) as Partial<Met>;
  return typeof endpoint === "string" && typeof time === "string" && !Number.isNaN(Date.parse(time));
}
