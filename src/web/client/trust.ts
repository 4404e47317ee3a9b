import { read, request } from "./api.ts";

/** A certificate of an OPC UA server, or of an authority above one. */
export interface TrustItem {
  /** SHA-256. */
  readonly fingerprint: string;
  /** SHA-1, as OPC UA tools name it. */
  readonly thumbprint: string;
  readonly state: "trusted" | "rejected" | "issuer";
  readonly subject: string;
  readonly issuer: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly days_left: number;
  readonly names: string;
  readonly is_authority: boolean;
  readonly endpoint: string | null;
  readonly met: string | null;
  readonly sources: readonly string[];
}

/** @throws {ApiError} */
export async function readTrust(signal: AbortSignal): Promise<readonly TrustItem[]> {
  return (await read<{ items: readonly TrustItem[] }>("/api/trust?limit=1000", signal)).items;
}

export type TrustChange = "trust" | "reject" | "remove";

/** @throws {ApiError} */
export async function changeTrust(fingerprint: string, change: TrustChange): Promise<void> {
  if (change === "remove") await request("DELETE", `/api/trust/${fingerprint}`);
  else await request("POST", `/api/trust/${fingerprint}/${change}`);
}

/** `ab:cd:…`, as tools show it. */
export function colons(hex: string): string {
  return hex.toUpperCase().replace(/(..)(?=.)/g, "$1:");
}

/** The name in a subject: `O=Plant, CN=press` is `press`. Of several the last, which is the nearest. */
export function commonName(subject: string): string {
  const names = [...subject.matchAll(/(?:^|, )CN=(.+?)(?=, [A-Z]+=|$)/g)];
  return names.at(-1)?.[1] ?? (subject || "without a name");
}
