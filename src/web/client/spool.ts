/** The spool as the API tells of it, and what an administrator does with it. */
import { read, request } from "./api.ts";
import { followed, type Step } from "./long_work.ts";

export interface Spool {
  readonly rows: number;
  readonly bytes: number;
  readonly oldest: string | null;
  readonly max_bytes: number;
  readonly free_disk_bytes: number | null;
  readonly keys: readonly { readonly id: string; readonly is_current: boolean }[];
  readonly quarantined: number;
}

export interface Gap {
  readonly table: string;
  readonly reason: string;
  readonly numbers: number;
  readonly latest: string | null;
}

export interface CarriedFile {
  readonly name: string;
  readonly bytes: number;
  readonly time: string;
}

export interface SpoolSeen {
  readonly spool: Spool;
  readonly gaps: readonly Gap[];
  /** Empty for who may not carry rows out. */
  readonly files: readonly CarriedFile[];
}

/** All that the panel shows. @throws {ApiError} */
export async function readSpool(canCarry: boolean, signal: AbortSignal): Promise<SpoolSeen> {
  const none = Promise.resolve({ items: [] });
  const [spool, gaps, files] = await Promise.all([
    read<Spool>("/api/spool", signal),
    read<{ readonly items: readonly Gap[] }>("/api/spool/gaps", signal),
    canCarry ? read<{ readonly items: readonly CarriedFile[] }>("/api/spool/exports", signal) : none,
  ]);
  return { spool, gaps: gaps.items, files: files.items };
}

export interface Fault {
  /** Which chunk or dead letter, in words. */
  readonly name: string;
  readonly rows: number;
  readonly reason: string;
}

export interface Verified {
  readonly rows: number;
  readonly chunks: number;
  readonly letters: number;
  /** How many things cannot be read; those that were told are in `told`. */
  readonly faults: number;
  readonly told: readonly Fault[];
}

type OnStep = (step: Step) => void;

/** @throws {ApiError} */
export async function verifySpool(onStep: OnStep, signal: AbortSignal): Promise<Verified> {
  const told: Fault[] = [];
  const onLine = (line: unknown) => void told.push(line as Fault); // as the API's document says
  return { ...await followed<Omit<Verified, "told">>("/api/spool/verify", { onStep, onLine, signal }), told };
}

export interface Exported {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}

/** `passphrase`: empty for the spool's own key. @throws {ApiError} */
export function exportRows(passphrase: string, onStep: OnStep, signal: AbortSignal): Promise<Exported> {
  return followed("/api/spool/export", { body: passphrase === "" ? {} : { passphrase }, onStep, signal });
}

export interface Importing {
  readonly file: File;
  /** Empty for a file that is sealed with the spool's own key. */
  readonly passphrase: string;
  readonly onStep: OnStep;
  readonly signal: AbortSignal;
}

/** Says how many rows came. @throws {ApiError} */
export async function importRows({ file, passphrase, onStep, signal }: Importing): Promise<number> {
  const headers: Record<string, string> = passphrase === "" ? {} : { "x-passphrase": encodeURIComponent(passphrase) };
  return (await followed<{ rows: number }>("/api/spool/import", { body: file, headers, onStep, signal })).rows;
}

export function carriedAddress(name: string): string {
  return `/api/spool/exports/${encodeURIComponent(name)}`;
}

/** @throws {ApiError} */
export async function deleteCarried(name: string): Promise<void> {
  await request("DELETE", carriedAddress(name));
}

const REASONS: Readonly<Record<string, string>> = {
  dropped: "Dropped, since the spool was full",
  quarantined: "Could not be read any more",
  dead_letter: "Dead letters: they arrive if they are replayed",
  purged: "Dead letters that were purged",
  exported: "Carried out in a file: they arrive from where it is taken in",
  lost_at_crash: "Lost by a crash while rows were kept in memory, at most",
  replayed: "Dead letters sent again: they arrive late, with these numbers",
  replaced: "Dead letters sent again as other rows",
  renumbered: "Places in the line of rows that have another number",
  several: "For several of these reasons",
};

/** Why numbers will not arrive, in words. */
export function gapTold(reason: string): string {
  return REASONS[reason] ?? "For another reason";
}

/** What is wrong with what was typed twice; undefined when nothing is. */
export function passphraseFault(passphrase: string, again: string): string | undefined {
  if (passphrase === "" && again === "") return undefined;
  if (passphrase.length < 12) return "12 characters at least";
  return passphrase === again ? undefined : "The two are not the same";
}
