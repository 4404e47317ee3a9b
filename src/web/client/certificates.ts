import { read, request } from "./api.ts";

export interface CertificateTold {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly not_before: string;
  readonly not_after: string;
  readonly days_left: number;
  /** SHA-256. */
  readonly fingerprint: string;
  readonly chain: number;
}

export interface CertificateFault {
  readonly level: "bad" | "warn";
  readonly text: string;
}

/** A certificate or key that the connector works with. */
export interface InventoryItem {
  readonly path: string;
  readonly origin: "own_opcua" | "own_gui" | "upload" | "server" | "file";
  readonly id: string | null;
  readonly kind: "certificate" | "key";
  readonly used_by: readonly string[];
  readonly certificate: CertificateTold | null;
  readonly faults: readonly CertificateFault[];
}

/** A file that was given to the connector. */
export interface StoredItem {
  readonly id: string;
  readonly kind: "certificate" | "key";
  readonly path: string;
  readonly public_key: string;
  readonly certificate: CertificateTold | null;
}

/** What a file has that is not kept yet. */
export interface ReadFile {
  readonly certificate: CertificateTold | null;
  readonly above: readonly string[];
  readonly has_key: boolean;
  readonly faults: readonly CertificateFault[];
}

/** A list of revoked certificates. */
export interface RevocationItem {
  readonly id: string;
  readonly folder: "trusted" | "issuer";
  readonly issuer: string;
  readonly this_update: string;
  readonly next_update: string | null;
  readonly is_overdue: boolean;
  readonly revoked: number;
}

interface Page<T> {
  readonly items: readonly T[];
}

/** @throws {ApiError} */
export async function readInventory(signal: AbortSignal): Promise<readonly InventoryItem[]> {
  return (await read<Page<InventoryItem>>("/api/certificates?limit=1000", signal)).items;
}

/** @throws {ApiError} */
export async function readStored(signal?: AbortSignal): Promise<readonly StoredItem[]> {
  return (await read<Page<StoredItem>>("/api/certs?limit=1000", signal)).items;
}

/** @throws {ApiError} */
export async function readRevocations(signal: AbortSignal): Promise<readonly RevocationItem[]> {
  return (await read<Page<RevocationItem>>("/api/revocation-lists?limit=1000", signal)).items;
}

/** A file, and the password of what is sealed in it. */
export interface GivenFile {
  readonly file: File;
  readonly password: string;
}

/** What is in it; keeps nothing. @throws {ApiError} `pkcs12_password` where it needs another password */
export async function readGiven(given: GivenFile): Promise<ReadFile> {
  return (await request<ReadFile>("POST", "/api/certs/read", { body: await bodyOf(given) })).body;
}

/** Keeps all that is in it. @throws {ApiError} */
export async function keepGiven(given: GivenFile): Promise<readonly StoredItem[]> {
  return (await request<Page<StoredItem>>("POST", "/api/certs/import", { body: await bodyOf(given) })).body.items;
}

/** @throws {ApiError} */
export async function removeStored(id: string): Promise<void> {
  await request("DELETE", `/api/certs/${id}`);
}

export type TrustedAs = "trusted" | "issuer";

/** @throws {ApiError} */
export async function giveTrusted(file: File, as: TrustedAs): Promise<void> {
  await request("POST", `/api/trust?as=${as}`, { body: file });
}

/** @throws {ApiError} */
export async function giveRevocations(file: File, folder: TrustedAs): Promise<void> {
  await request("POST", `/api/revocation-lists?folder=${folder}`, { body: file });
}

/** @throws {ApiError} */
export async function removeRevocations(id: string): Promise<void> {
  await request("DELETE", `/api/revocation-lists/${id}`);
}

async function bodyOf({ file, password }: GivenFile): Promise<{ file: string; password: string }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return { file: btoa(binary), password };
}

/** What a setting's file is, by the setting's key; undefined where it is neither certificate nor private key. */
export function fileKindOf(key: string): StoredItem["kind"] | undefined {
  if (/(^|_)(private|client)_key_path$/.test(key)) return "key";
  return /(^|_)(certificate|cert|ca_bundle|ca)_path$/.test(key) ? "certificate" : undefined;
}
