import { ConfigError, ConnectionError, EdgeError, reasonOf } from "../core/error.ts";
import type { SecretSource } from "../core/secret_source.ts";
import type { SecretDocument, SecretPlace, SecretProvider } from "./provider.ts";

/** How often what could not be had is asked for again. */
const RETRY_MS = 10_000;
/** What cannot be had is not asked for any longer once nobody has needed it for so long: it was mistyped, and was mended. */
const NEEDED_MS = 3_600_000;
/** A first try does not hold up a start for longer. */
const FIRST_MS = 8_000;

export interface SecretStoreOptions {
  readonly provider: SecretProvider;
  /** How often values are read anew. */
  readonly refreshMs: number;
  monotonicMs(): number;
  /** Told what changes, never a value. */
  tell(level: "info" | "warn", message: string, code: string): void;
}

/** The secrets of one store that are in use, as they were last read. A store that is away takes nothing from what is known. */
export class SecretStore implements SecretSource, Disposable {
  readonly #options: SecretStoreOptions;
  /** When each was last needed. */
  readonly #names = new Map<string, number>();
  readonly #values = new Map<string, string>();
  readonly #failures = new Map<string, string>();
  /** When all were last begun to be read, and when what could not be had was last asked for. */
  #readMs: number | undefined;
  #triedMs = -Infinity;
  #isReading = false;

  constructor(options: SecretStoreOptions) {
    this.#options = options;
  }

  get place(): string {
    return this.#options.provider.place;
  }

  /** Why some cannot be had, a sentence each; empty where all are known. */
  get failures(): readonly string[] {
    return [
      ...new Set([...this.#names.keys()].filter((name) => !this.#values.has(name)).map((name) => this.#why(name))),
    ];
  }

  async follow(names: readonly string[]): Promise<(name: string) => string> {
    this.#triedMs = this.#options.monotonicMs();
    for (const name of names) this.#names.set(name, this.#triedMs);
    const unknown = names.filter((name) => !this.#values.has(name));
    this.#readMs ??= this.#triedMs;
    if (unknown.length > 0) await this.#read(unknown, AbortSignal.timeout(FIRST_MS));
    return (name) => {
      this.#need(name);
      return this.#valueOf(name);
    };
  }

  async ask(names: readonly string[]): Promise<(name: string) => string> {
    const unknown = names.filter((name) => !this.#values.has(name));
    const found = new Map<string, string | Error>();
    for await (const [name, value] of this.#found(unknown, AbortSignal.timeout(FIRST_MS))) found.set(name, value);
    return (name) => {
      const value = this.#values.get(name) ?? found.get(name);
      if (typeof value === "string") return value;
      throw unavailable(name, value ? reasonOf(value) : `${this.place} was not asked for it`);
    };
  }

  /** To be called every some seconds: renews, reads anew, and tries again. */
  async tick(signal: AbortSignal): Promise<void> {
    if (this.#names.size === 0 || this.#isReading) return;
    this.#isReading = true;
    try {
      await this.#options.provider.keep?.(signal).catch(() => {/* reading says why */});
      await this.#read(this.#due(), signal);
    } finally {
      this.#isReading = false;
    }
  }

  [Symbol.dispose](): void {
    this.#options.provider[Symbol.dispose]();
  }

  /** All, where their time has come; until then what could not be had. */
  #due(): readonly string[] {
    const nowMs = this.#options.monotonicMs();
    this.#forget(nowMs - NEEDED_MS);
    if (nowMs - (this.#readMs ?? -Infinity) >= this.#options.refreshMs) {
      this.#readMs = this.#triedMs = nowMs;
      return [...this.#names.keys()];
    }
    if (this.#failures.size === 0 || nowMs - this.#triedMs < RETRY_MS) return [];
    this.#triedMs = nowMs;
    return [...this.#failures.keys()];
  }

  /** One that was forgotten is asked for with those that could not be had: in seconds, and not when all are read anew. */
  #need(name: string): void {
    this.#names.set(name, this.#options.monotonicMs());
    if (!this.#values.has(name) && !this.#failures.has(name)) {
      this.#failures.set(name, `${this.place} was not asked yet`);
    }
  }

  #forget(beforeMs: number): void {
    for (const [name, neededMs] of this.#names) {
      if (neededMs < beforeMs && !this.#values.has(name)) {
        this.#names.delete(name);
        this.#failures.delete(name);
      }
    }
  }

  #valueOf(name: string): string {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    throw unavailable(name, `${this.#reason(name)}. It is asked for again every ${RETRY_MS / 1000} s`);
  }

  #why(name: string): string {
    return notKnown(name, this.#reason(name));
  }

  #reason(name: string): string {
    return this.#failures.get(name) ?? `${this.place} was not asked yet`;
  }

  async #read(names: readonly string[], signal: AbortSignal): Promise<void> {
    for await (const [name, value] of this.#found(names, signal)) this.#take(name, value);
  }

  /** Asks for each document once, whatever is wanted of it. */
  async *#found(names: readonly string[], signal: AbortSignal): AsyncGenerator<[string, string | Error]> {
    const { provider } = this.#options;
    const places = names.map((name) => ({ name, ...provider.locate(name) }));
    for (const [document, wanted] of Map.groupBy(places, (place) => place.document)) {
      const found = await provider.fetch(document, signal).catch((error) => failureOf(error, signal));
      for (const place of wanted) yield [place.name, found instanceof Error ? found : valueIn(found, place)];
    }
  }

  #take(name: string, value: string | Error): void {
    if (value instanceof Error) return this.#failed(name, reasonOf(value));
    const { tell } = this.#options;
    const before = this.#values.get(name);
    this.#values.set(name, value);
    if (this.#failures.delete(name)) {
      tell("info", `The secret ${name} can be had again from ${this.place}`, "secret_back");
    }
    if (before === undefined || before === value) return;
    tell("info", `The secret ${name} has another value: it is used from the next connection on`, "secret_changed");
  }

  #failed(name: string, reason: string): void {
    const wasTold = this.#failures.get(name) === reason;
    this.#failures.set(name, reason);
    if (wasTold) return;
    const rest = this.#values.has(name) ? "The value that is known is used on" : "What needs it waits, all else runs";
    this.#options.tell("warn", `Cannot read the secret ${name}: ${reason}. ${rest}`, "secret_unavailable");
  }
}

function notKnown(name: string, reason: string): string {
  return `The secret ${name} is not known: ${reason}`;
}

function unavailable(name: string, reason: string): ConnectionError {
  return new ConnectionError("secret_unavailable", notKnown(name, reason));
}

/** A bug is not for who waits for a secret to meet. */
function failureOf(error: unknown, signal: AbortSignal): Error {
  if (error instanceof EdgeError) return error;
  if (signal.aborted) return new ConnectionError("secret_store_away", "it did not answer in time");
  throw error;
}

function valueIn(found: SecretDocument, { document, key }: SecretPlace): string | Error {
  if (key === undefined) {
    return typeof found === "string"
      ? found
      : new ConfigError("secret_missing", `${document} has several keys: name one`);
  }
  const members = typeof found === "string" ? membersOf(found) : found;
  const value = members[key];
  return value === undefined ? new ConfigError("secret_missing", `${document} has no key ${key}`) : value;
}

/** Of a secret that is a JSON object. */
function membersOf(text: string): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text);
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(entries.map(([key, member]) => [key, String(member)]));
  } catch {
    return {};
  }
}
