import { ConfigError, reasonOf } from "../core/error.ts";
import { linkFree, makeDirectory, replaceFile } from "../core/home_file.ts";
import type { Logger } from "../core/logger.ts";
import { z } from "zod";

/** Seen from the home directory. */
export const HISTORY_FILE = "config/connector_history.json";
/** As many changes are kept, and as many characters of them together; the oldest go first. */
const MAX_CHANGES = 200;
const MAX_CHARS = 4 * 1024 * 1024;

const changeSchema = z.strictObject({
  id: z.string(),
  /** ISO 8601, UTC. */
  time: z.string(),
  author: z.string(),
  kind: z.enum(["change", "rollback", "reload"]),
  /** Without secrets. */
  diff: z.string(),
  /** Why it was taken back; null where it holds. */
  failure: z.string().nullable(),
  /** The state before it, with its secrets sealed. */
  before: z.record(z.string(), z.unknown()),
});
const historySchema = z.array(changeSchema);

/** A change of the configuration, as it is kept. */
export type KeptChange = Readonly<z.output<typeof changeSchema>>;
/** The same for people. */
export type Change = Omit<KeptChange, "before">;

export interface HistoryOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly log: () => Logger;
}

/** Who changed what and when, in a file of its own. That it cannot be kept is no reason not to change anything. */
export class ConfigHistory {
  readonly #options: HistoryOptions;
  #changes: KeptChange[];

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#changes = read(options.home);
  }

  /** The newest first. */
  get changes(): readonly Change[] {
    return this.#changes.map(({ before: _before, ...change }) => change);
  }

  /** @throws {ConfigError} where there is no such change */
  find(id: string): KeptChange {
    const change = this.#changes.find((each) => each.id === id);
    if (change) return change;
    const message = `There is no change ${id}: it may be too old to be kept. The list of changes has those that are`;
    throw new ConfigError("change_unknown", message);
  }

  add(change: KeptChange): void {
    this.#changes = bounded([change, ...this.#changes]);
    const { home, log } = this.#options;
    try {
      makeDirectory(home, `${home}/config`);
      replaceFile(home, `${home}/${HISTORY_FILE}`, `${JSON.stringify(this.#changes)}\n`);
    } catch (error) {
      const message = `Cannot keep in ${HISTORY_FILE} who changed what: ${
        reasonOf(error)
      }; the change itself is not concerned`;
      log().log("warn", message, { code: "history_not_kept" });
    }
  }
}

/** A damaged file counts as empty: what is lost is who changed what, and how to go back to it. */
function read(home: string): KeptChange[] {
  try {
    const text = Deno.readTextFileSync(linkFree(home, `${home}/${HISTORY_FILE}`));
    return historySchema.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

function bounded(changes: readonly KeptChange[]): KeptChange[] {
  let chars = 0;
  const fitting = changes.slice(0, MAX_CHANGES).filter((change) =>
    (chars += JSON.stringify(change).length) <= MAX_CHARS
  );
  return fitting.length > 0 ? fitting : changes.slice(0, 1);
}
