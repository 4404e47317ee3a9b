import { basename, dirname } from "node:path";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { Sealer } from "./seal.ts";

const KEY_BYTES = 32;

/**
 * The spool's keys. The file at `path` holds the one that seals; after a change of keys the ones before stand beside it,
 * under the same name with their id behind it, for as long as something is sealed with them. A key is made where there is
 * none and `isNew`. An existing file is never written to.
 * @throws {ConfigError} when the key is missing although there is a spool, or cannot be read or made
 */
export async function openKeys(
  path: string,
  { isNew, isCompressed }: { readonly isNew: boolean; readonly isCompressed: boolean },
): Promise<Sealer> {
  const others = filesBeside(path);
  const [first, ...rest] = [path, ...others].flatMap((file) => read(file) ?? []);
  const sealer = await Sealer.open(first ?? firstKey(path, isNew && others.length === 0), { isCompressed });
  for (const key of rest) await sealer.add(key);
  return sealer;
}

/** Makes a key beside the one that seals now. Nothing is sealed with it before this returns: it is on the disk. */
export async function addKey(path: string, sealer: Sealer): Promise<string> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const id = await sealer.add(key);
  write(`${path}.${id}`, key);
  return id;
}

/**
 * Gives the files the names that go with what the spool says of its keys: the one that seals is at `path`, keys that
 * nothing is sealed with are deleted. A kill in between leaves all that are needed, under one name or the other.
 */
export function settleKeyFiles(path: string, { sealer, needed }: {
  readonly sealer: Sealer;
  /** Ids of the keys that something is sealed with. */
  readonly needed: ReadonlySet<string>;
}): void {
  const key = read(path);
  const former = key && sealer.idOf(key);
  const current = `${path}.${sealer.keyId}`;
  if (former !== sealer.keyId && filesBeside(path).includes(current)) {
    if (former) Deno.renameSync(path, `${path}.${former}`);
    Deno.renameSync(current, path);
    syncFolder(path);
  }
  for (const file of filesBeside(path)) {
    const id = file.slice(path.length + 1);
    if (needed.has(id)) continue;
    Deno.removeSync(file);
    if (id !== sealer.keyId) sealer.forget(id);
  }
}

/** Files beside `path` that hold keys of other times. */
function filesBeside(path: string): string[] {
  try {
    const name = `${basename(path)}.`;
    const names = [...Deno.readDirSync(dirname(path))].filter(({ isFile }) => isFile).map((entry) => entry.name);
    return names.filter((each) => each.startsWith(name) && /^[0-9a-f]{8}$/.test(each.slice(name.length)))
      .map((each) => `${dirname(path)}/${each}`).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw keyError("spool_key_unreadable", `Cannot look for the spool's keys at ${path}: ${reasonOf(error)}`, error);
  }
}

function firstKey(path: string, isNew: boolean): Uint8Array<ArrayBuffer> {
  if (isNew) return make(path);
  throw keyError(
    "spool_key_missing",
    `The spool holds rows that only its key can read, and ${path} is missing. Restore the key from a backup; or move ` +
      "the spool's directory away, and the connector begins a new one without those rows. Nothing was changed",
  );
}

/** Undefined where there is no such file. */
function read(path: string): Uint8Array<ArrayBuffer> | undefined {
  let key: Uint8Array<ArrayBuffer>;
  try {
    key = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw keyError("spool_key_unreadable", `Cannot read the spool's key ${path}: ${reasonOf(error)}`, error);
  }
  if (key.length === KEY_BYTES) return key;
  throw keyError("spool_key_damaged", `${path} holds ${key.length} bytes instead of ${KEY_BYTES}: restore it`);
}

function make(path: string): Uint8Array<ArrayBuffer> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  write(path, key);
  return key;
}

function write(path: string, key: Uint8Array): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    for (let at = 0; at < key.length;) at += file.writeSync(key.subarray(at));
    file.syncSync();
    syncFolder(path); // else the power may take the key and leave what it sealed
  } catch (error) {
    throw keyError("spool_key_not_made", `Cannot make the spool's key ${path}: ${reasonOf(error)}`, error);
  }
}

function syncFolder(path: string): void {
  using folder = Deno.openSync(dirname(path));
  folder.syncSync();
}

function keyError(code: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError(code, message, { cause, path: "backpressure.disk_spool.encryption_key_path" });
}
