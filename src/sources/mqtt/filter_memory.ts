import type { SourceMemory } from "../../core/source_memory.ts";

/** Under which a source's memory has the filters that the brokers' sessions have. */
const KEY = "subscriptions";
/** Sessions that are remembered: a source may have several endpoints, and its client id may be put back. */
const MAX_SESSIONS = 8;

export interface FilterMemoryOptions {
  /** Undefined where the session ends with the connection. */
  readonly memory: SourceMemory | undefined;
  /** Of the broker, as the configuration has it. */
  readonly endpoint: string;
  readonly clientId: string;
}

/** What is known of one session. */
interface Known {
  /** Those it may have. */
  readonly filters: readonly string[];
  /** Those it has no longer, which another session of the client may have. */
  readonly cleared: readonly string[];
}

/**
 * The topic filters of a client's sessions, of which each broker keeps one, beyond a restart. Two endpoints may also lead
 * to one session, where brokers are a cluster: so what any of them has is taken for what this one may have, until it was
 * unsubscribed from here too.
 */
export class FilterMemory {
  readonly #memory: SourceMemory | undefined;
  readonly #of: string;
  readonly #clientId: string;

  constructor({ memory, endpoint, clientId }: FilterMemoryOptions) {
    this.#memory = memory;
    this.#clientId = clientId;
    this.#of = `${endpoint} ${clientId}`; // there is no space in an endpoint
  }

  /** What the session may have beside the `wanted` filters. */
  outdated(wanted: ReadonlySet<string>): string[] {
    const cleared = new Set(this.#own.cleared);
    return this.#unwanted(wanted).filter((filter) => !cleared.has(filter));
  }

  /** The session is about to be changed, and may be stopped at any moment of it. */
  begin(wanted: ReadonlySet<string>): void {
    const cleared = this.#own.cleared.filter((filter) => !wanted.has(filter));
    this.#keep({ filters: [...wanted, ...this.outdated(wanted)], cleared });
  }

  /** The session has the `wanted` filters, no others. */
  end(wanted: ReadonlySet<string>): void {
    this.#keep({ filters: [...wanted], cleared: this.#unwanted(wanted) });
  }

  /** What some session of the client may have. */
  #unwanted(wanted: ReadonlySet<string>): string[] {
    const own = [...this.#sessions].filter(([of]) => of.slice(of.indexOf(" ") + 1) === this.#clientId);
    return [...new Set(own.flatMap(([, { filters }]) => filters))].filter((filter) => !wanted.has(filter));
  }

  get #own(): Known {
    return this.#sessions.get(this.#of) ?? { filters: [], cleared: [] };
  }

  /** What is in the file: anything, until it is looked at. */
  get #sessions(): Map<string, Known> {
    const entries = Object.entries(Object(this.#memory?.recall(KEY)));
    return new Map(entries.map(([of, known]) => {
      const { filters, cleared } = Object(known);
      return [of, { filters: texts(filters), cleared: texts(cleared) }];
    }));
  }

  #keep(known: Known): void {
    const sessions = this.#sessions;
    sessions.delete(this.#of); // the newest one comes last
    sessions.set(this.#of, known);
    this.#memory?.keep(KEY, Object.fromEntries([...sessions].slice(-MAX_SESSIONS)));
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string" && each !== "") : [];
}
