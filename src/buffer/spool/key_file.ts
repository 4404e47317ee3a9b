import { dirname } from "node:path";
import { ConfigError, reasonOf } from "../../core/error.ts";

const KEY_BYTES = 32;

/**
 * The spool's key, made where there is none and `isNew`. An existing file is never written to.
 * @throws {ConfigError} when the key is missing although there is a spool, or cannot be read or made
 */
export function spoolKey(path: string, { isNew }: { readonly isNew: boolean }): Uint8Array<ArrayBuffer> {
  const key = read(path);
  if (key?.length === KEY_BYTES) return key;
  if (key) throw keyError("spool_key_damaged", `${path} holds ${key.length} bytes instead of ${KEY_BYTES}: restore it`);
  if (isNew) return make(path);
  throw keyError(
    "spool_key_missing",
    `The spool holds rows that only its key can read, and ${path} is missing. Restore the key from a backup; or move ` +
      "the spool's directory away, and the connector begins a new one without those rows. Nothing was changed",
  );
}

function read(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw keyError("spool_key_unreadable", `Cannot read the spool's key ${path}: ${reasonOf(error)}`, error);
  }
}

function make(path: string): Uint8Array<ArrayBuffer> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  try {
    Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    for (let at = 0; at < key.length;) at += file.writeSync(key.subarray(at));
    file.syncSync();
    using folder = Deno.openSync(dirname(path));
    folder.syncSync(); // else the power may take the key and leave what it sealed
  } catch (error) {
    throw keyError("spool_key_not_made", `Cannot make the spool's key ${path}: ${reasonOf(error)}`, error);
  }
  return key;
}

function keyError(code: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError(code, message, { cause, path: "backpressure.disk_spool.encryption_key_path" });
}
