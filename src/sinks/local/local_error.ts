import { ConfigError, ConnectionError, EdgeError, reasonOf } from "../../core/error.ts";

/** The file is no SQLite database, or a damaged one. */
export class CorruptFileError extends ConnectionError {}

type Make = (file: string, options: ErrorOptions) => EdgeError;

/**
 * SQLite's result codes by their texts (sqlite.org/rescode.html, `sqlite3_errstr`), since node:sqlite gives no code, and
 * what a person can do about each.
 */
const BY_TEXT: readonly (readonly [RegExp, Make])[] = [
  [
    /database or disk is full|no space left/i,
    (file, options) =>
      new ConnectionError(
        "local_disk_full",
        `The disk that holds ${file} is full: free some space on it, or lower local_sink.max_size_mb`,
        options,
      ),
  ],
  [
    /is locked/i,
    (file, options) =>
      new ConnectionError(
        "local_file_locked",
        `Another process writes to ${file}: end its transaction or close it; reading it at the same time does no harm`,
        options,
      ),
  ],
  [
    /readonly database|read-only file system/i,
    (file, options) =>
      new ConfigError(
        "local_file_read_only",
        `${file} may not be written: give the connector's user write access to it and to its folder`,
        { ...options, path: "local_sink.path" },
      ),
  ],
  [
    /unable to open database file|permission denied|not permitted|no such file|not a directory|is a directory|requires \w+ access/i,
    (file, options) =>
      new ConfigError(
        "local_file_unopenable",
        `${file} cannot be opened: local_sink.path must name a file in a folder that the connector's user may write to`,
        { ...options, path: "local_sink.path" },
      ),
  ],
  [
    /file is not a database|malformed/i,
    (file, options) => new CorruptFileError("local_file_corrupt", `${file} is not an intact SQLite database`, options),
  ],
  [
    /disk I\/O error|input\/output error/i,
    (file, options) =>
      new ConnectionError(
        "local_disk_error",
        `The disk that holds ${file} reports errors: look at the host's system log and replace it before it fails`,
        options,
      ),
  ],
];

/** What SQLite or the file system threw, in our words; what nobody foresaw stays as it is. */
export function localError(thrown: unknown, file: string): unknown {
  if (thrown instanceof EdgeError) return thrown;
  const text = reasonOf(thrown);
  const make = BY_TEXT.find(([pattern]) => pattern.test(text))?.[1];
  return make ? make(file, { cause: thrown }) : thrown;
}
