import { basename, dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import { linkFree, makeDirectory } from "../core/home_file.ts";

export interface LogShelfOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** The log file, seen from the home. */
  readonly path: string;
  /** Files in all, the one that is written to included. */
  readonly maxFiles: number;
  /** Older ones are deleted; 0: none is too old. */
  readonly maxAgeMs: number;
  readonly isCompressed: boolean;
  readonly clock: Pick<Clock, "nowUs" | "doubt">;
}

interface Kept {
  readonly name: string;
  readonly number: number;
}

/**
 * The log file and the former ones beside it: `connector.log`, then `connector.log.1.gz`, the newest of the former, and so
 * on. Numbers and not times, since a host's clock may be wrong.
 */
export class LogShelf {
  readonly #options: LogShelfOptions;
  readonly #path: string;
  readonly #folder: string;

  constructor(options: LogShelfOptions) {
    this.#options = options;
    this.#path = `${options.home}/${options.path}`;
    this.#folder = dirname(this.#path);
  }

  /** The file to append to, made where there is none. @throws {ConfigError} for a link @throws what the file system throws */
  async open(): Promise<Deno.FsFile> {
    makeDirectory(this.#options.home, this.#folder);
    return await Deno.open(linkFree(this.#options.home, this.#path), { append: true, create: true, mode: 0o600 });
  }

  /** Puts the file aside as number 1; the others move up, and the last goes. @throws what the file system throws */
  async rotate(): Promise<void> {
    const limit = this.#options.maxFiles - 1;
    for (const { name, number } of (await this.#kept()).toSorted((a, b) => b.number - a.number)) {
      const next = name.replace(/\.\d+(\.gz)?$/, `.${number + 1}$1`);
      await (number >= limit ? Deno.remove(this.#at(name)) : Deno.rename(this.#at(name), this.#at(next)));
    }
    if (limit === 0) return await Deno.remove(this.#path);
    await Deno.rename(this.#path, `${this.#path}.1`);
    if (this.#options.isCompressed) await this.#compress(`${this.#path}.1`);
  }

  /** Deletes what is too old, too many, or left of a compression that was cut short. */
  async sweep(): Promise<void> {
    const { maxFiles, maxAgeMs } = this.#options;
    for (const { name, number } of await this.#kept()) {
      if (number >= maxFiles || await this.#isOlder(name, maxAgeMs)) await Deno.remove(this.#at(name));
    }
    await Deno.remove(`${this.#path}.1.gz.new`).catch(() => {/* mostly there is none */});
  }

  /** By a clock that is known to be wrong nothing is old. */
  async #isOlder(name: string, maxAgeMs: number): Promise<boolean> {
    const { clock } = this.#options;
    if (maxAgeMs === 0 || clock.doubt?.() !== undefined) return false;
    const { mtime } = await Deno.lstat(this.#at(name));
    return mtime !== null && clock.nowUs() / 1000 - mtime.getTime() > maxAgeMs;
  }

  /** Where it fails, for want of room, the file stays as it is. */
  async #compress(path: string): Promise<void> {
    const next = `${path}.gz.new`;
    try {
      const source = await Deno.open(path);
      const target = await Deno.open(next, { write: true, createNew: true, mode: 0o600 }).catch((error) => {
        source.close();
        throw error;
      });
      await source.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(target.writable);
      await Deno.rename(next, `${path}.gz`);
      await Deno.remove(path);
    } catch {
      await Deno.remove(next).catch(() => {/* it was not made */});
    }
  }

  async #kept(): Promise<Kept[]> {
    const base = `${basename(this.#path)}.`;
    const kept: Kept[] = [];
    for await (const { name, isDirectory } of Deno.readDir(this.#folder)) {
      const number = name.startsWith(base) && !isDirectory
        ? /^([1-9]\d{0,5})(\.gz)?$/.exec(name.slice(base.length))
        : null;
      if (number) kept.push({ name, number: Number(number[1]) });
    }
    return kept;
  }

  #at(name: string): string {
    return `${this.#folder}/${name}`;
  }
}
