/** A file of rows on its way in: from a request's body to a file beside the spool, where nobody else can read it. */
import { ConfigError, reasonOf } from "../core/error.ts";
import type { Clock } from "../core/clock.ts";
import { within } from "../lib/within.ts";
import { freeDiskBytes } from "./free_disk.ts";

const MEGABYTE = 1024 * 1024;
/** Left on the disk for everything else, while rows are taken in. */
const SPARE_BYTES = 128 * MEGABYTE;
/** The disk is looked at again after so much of a file whose length nobody told. */
const LOOK_BYTES = 16 * MEGABYTE;
/** How long the next bytes may take. */
const STALL_MS = 30_000;

export interface UploadOptions {
  /** Where the file is put; one that is there is left of a stop in the middle, and gives way. */
  readonly path: string;
  /** What the request says it has; undefined where it does not say. */
  readonly length: number | undefined;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly freeBytes?: typeof freeDiskBytes;
}

/** A file that is there until it is disposed. */
export interface Upload extends Disposable {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Takes a body in. The rows need as much room again in the spool, so twice its length must be free.
 * @throws {ConfigError} when it is too large, the disk has no room for it, or it does not come; then no file is left
 */
export async function takeUpload(
  body: ReadableStream<Uint8Array> | null,
  options: UploadOptions,
): Promise<Upload> {
  const { path, length, maxBytes } = options;
  if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes);
  await refuseWithoutRoom(options, 2 * (length ?? 0));
  using resources = new DisposableStack();
  resources.defer(() => removeThere(path));
  removeThere(path);
  const bytes = await writeAll(body, options);
  const kept = resources.move();
  return { path, bytes, [Symbol.dispose]: () => kept.dispose() };
}

async function writeAll(body: ReadableStream<Uint8Array> | null, options: UploadOptions): Promise<number> {
  const { path, maxBytes } = options;
  using file = newFile(path);
  let bytes = 0;
  let lookAt = LOOK_BYTES;
  for await (const part of partsOf(body, options)) {
    bytes += part.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    if (bytes >= lookAt) {
      lookAt += LOOK_BYTES;
      await refuseWithoutRoom(options, bytes);
    }
    write(file, part, path);
  }
  return bytes;
}

/** @throws {ConfigError} when the next part does not come in time, or the sender is gone */
async function* partsOf(
  body: ReadableStream<Uint8Array> | null,
  { clock, signal }: UploadOptions,
): AsyncIterable<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  try {
    while (true) {
      const next = reader.read();
      const isThere = await within(next, STALL_MS, clock).catch((cause) => {
        throw stalled("its sender is gone", cause);
      });
      if (!isThere) throw stalled(`nothing of it came for ${STALL_MS / 1000} s`);
      signal.throwIfAborted();
      const { value, done } = await next;
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {/* it has ended */});
  }
}

async function refuseWithoutRoom({ path, freeBytes = freeDiskBytes }: UploadOptions, needed: number): Promise<void> {
  const free = await freeBytes(path.slice(0, path.lastIndexOf("/")));
  if (free === undefined || free >= needed + SPARE_BYTES) return;
  const [has, needs] = [free, needed + SPARE_BYTES].map((bytes) => Math.ceil(bytes / MEGABYTE));
  throw new ConfigError("no_room", `The disk has ${has} MB free, and taking the file in needs ${needs} MB: make room`);
}

function newFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    throw notKept(path, error);
  }
}

function write(file: Deno.FsFile, bytes: Uint8Array, path: string): void {
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch (error) {
    throw notKept(path, error);
  }
}

function removeThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw notKept(path, error);
  }
}

function tooLarge(maxBytes: number): ConfigError {
  const text = `The file may have ${Math.floor(maxBytes / MEGABYTE)} MB at most, what the spool can hold now`;
  return new ConfigError("upload_too_large", `${text}: wait until rows have left it, or raise max_size_mb`);
}

function stalled(why: string, cause?: unknown): ConfigError {
  return new ConfigError("upload_stalled", `The file did not come as a whole: ${why}. Nothing was taken in`, { cause });
}

function notKept(path: string, error: unknown): ConfigError {
  return new ConfigError("no_room", `Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
}
