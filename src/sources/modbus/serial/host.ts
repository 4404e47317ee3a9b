import { Libc } from "./libc.ts";
import { LineWatcher } from "./watcher.ts";

/** What all serial lines of the process share: the C library, and the one thread that waits for bytes. */
export interface SerialHost {
  readonly libc: Libc;
  readonly watcher: LineWatcher;
}

/** A part of it for one line. Disposing of the last one lets go of it all. */
export interface SerialShare extends SerialHost, AsyncDisposable {}

// The one state of the module, since threads are the process's: each source would else take one of its own.
let shared: { readonly host: SerialHost; users: number } | undefined;

/** @throws {ConfigError} where this executable may not load the C library */
export function shareSerialHost(): SerialShare {
  shared ??= openHost();
  const mine = shared;
  mine.users++;
  let isMine = true;
  return {
    ...mine.host,
    async [Symbol.asyncDispose]() {
      if (!isMine) return;
      isMine = false;
      if (--mine.users > 0) return;
      if (shared === mine) shared = undefined;
      await mine.host.watcher[Symbol.asyncDispose]();
      mine.host.libc[Symbol.dispose]();
    },
  };
}

function openHost(): { host: SerialHost; users: number } {
  const libc = Libc.load();
  return { host: { libc, watcher: new LineWatcher(libc) }, users: 0 };
}
