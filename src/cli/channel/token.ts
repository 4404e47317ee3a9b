/**
 * `run/cli.token` of the home directory: where the running connector listens for commands, and the token that says who may
 * give them. Who can read the file could read the spool and its key too.
 *
 * The connector holds an advisory lock on the file, which dies with the process: a file that a kill left behind has none,
 * so no command speaks to whoever got that port later. Should one do so all the same, it learns neither token nor passphrase:
 * proof.ts.
 */
import { infoOf, linkFree, makeDirectory, replaceFile } from "../../core/home_file.ts";
import { Secret } from "../../lib/secret.ts";

const TOKEN_BYTES = 32;
const MAX_FILE_BYTES = 4096;
const MAX_ATTEMPTS = 5;

/** Where a connector listens. */
export interface Post {
  readonly port: number;
  readonly token: Secret;
}

/** A post as long as it is announced. */
export type AnnouncedPost = Post & Disposable;

/** Writes the file, with a new token, until disposed. @throws {ConfigError} for a link @throws what the file system throws */
export function announce(home: string, port: number): AnnouncedPost {
  const path = pathOf(home);
  makeDirectory(home, `${home}/run`);
  Deno.chmodSync(`${home}/run`, 0o700);
  const token = new Secret(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({ alphabet: "base64url" }));
  const file = writeLocked(home, path, `${JSON.stringify({ port, token: token.reveal() })}\n`);
  return {
    port,
    token,
    [Symbol.dispose]: () => {
      if (infoOf(path)) Deno.removeSync(path);
      file.unlockSync(); // by hand: another process may have a copy of the file for a moment
      file.close();
    },
  };
}

/** A command that looks at the file just then has it locked: it gets another. */
function writeLocked(home: string, path: string, text: string): Deno.FsFile {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    replaceFile(home, path, text);
    const file = Deno.openSync(path);
    if (file.tryLockSync(true)) return file;
    file.close();
  }
  throw new Error(`another program holds ${path} again and again`);
}

/** Where the connector of this home listens; undefined when none runs. @throws {ConfigError} for a link on the way */
export function findPost(home: string): Post | undefined {
  const path = linkFree(home, pathOf(home));
  if (!infoOf(path)?.isFile) return undefined;
  try {
    using file = Deno.openSync(path);
    if (file.tryLockSync(false)) return undefined; // nobody holds it: a kill left it behind
    const bytes = new Uint8Array(MAX_FILE_BYTES);
    const length = file.readSync(bytes) ?? 0;
    return parsePost(new TextDecoder().decode(bytes.subarray(0, length)));
  } catch {
    return undefined; // removed meanwhile, or not for this user: opening the spool says why
  }
}

function parsePost(text: string): Post | undefined {
  const value: unknown = JSON.parse(text);
  const { port, token } = Object(value) as Record<string, unknown>; // looked at in the next line
  return typeof port === "number" && typeof token === "string" ? { port, token: new Secret(token) } : undefined;
}

function pathOf(home: string): string {
  return `${home === "/" ? "" : home}/run/cli.token`;
}
