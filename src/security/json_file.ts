import type { z } from "zod";
import { ConfigError, reasonOf } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";

export interface JsonFileOptions<S extends z.ZodType> {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** Relative to it. */
  readonly path: string;
  readonly schema: S;
  /** What is in it while there is no file. */
  readonly empty: z.output<S>;
}

/**
 * A small file of the home directory that is read again whenever it has changed: a command in another process may write it
 * too. A file that cannot be understood is an error and never taken for an empty one, since that would open the door.
 */
export class JsonFile<S extends z.ZodType> {
  readonly #options: JsonFileOptions<S>;
  readonly #path: string;
  #known: { readonly mark: string; readonly value: z.output<S> } | undefined;

  constructor(options: JsonFileOptions<S>) {
    this.#options = options;
    this.#path = `${options.home === "/" ? "" : options.home}/${options.path}`;
  }

  /** @throws {ConfigError} when it cannot be read or understood */
  read(): z.output<S> {
    const info = infoOf(linkFree(this.#options.home, this.#path));
    if (!info) return this.#options.empty;
    const mark = `${info.ino} ${info.size} ${info.mtime?.getTime()}`;
    if (this.#known?.mark !== mark) this.#known = { mark, value: this.#parse() };
    return this.#known.value;
  }

  /** Replaces it as a whole: a power cut leaves the old one or the new one. @throws {ConfigError} then the old one stays */
  write(value: z.output<S>): void {
    const { home } = this.#options;
    makeDirectory(home, this.#path.slice(0, this.#path.lastIndexOf("/")));
    saveFile(home, this.#path, `${JSON.stringify(value, null, 2)}\n`);
    this.#known = undefined;
  }

  #parse(): z.output<S> {
    try {
      return this.#options.schema.parse(JSON.parse(Deno.readTextFileSync(this.#path)));
    } catch (error) {
      const advice = "restore it from a backup, or delete it to begin anew";
      const message = `Cannot use ${this.#options.path}: ${reasonOf(error)}; ${advice}`;
      throw new ConfigError("access_file_unreadable", message, { cause: error });
    }
  }
}
