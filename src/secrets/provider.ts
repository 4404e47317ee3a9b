/** One kind of store. */

/** What stands under one name of a store: one text, or several by key. */
export type SecretDocument = string | Readonly<Record<string, string>>;

/** Where in a store a secret is. */
export interface SecretPlace {
  readonly document: string;
  readonly key: string | undefined;
}

export interface SecretProvider extends Disposable {
  /** For people: `Vault at https://vault:8200`. */
  readonly place: string;
  locate(name: string): SecretPlace;
  /** @throws {ConnectionError} when it is away @throws {AuthError} when it refuses us @throws {ConfigError} when there is none */
  fetch(document: string, signal: AbortSignal): Promise<SecretDocument>;
  /** Called every some seconds: what was given for a time is asked for anew before its end. @throws as `fetch` */
  keep?(signal: AbortSignal): Promise<void>;
}

/** What a provider is given instead of reaching for it. */
export interface ProviderDeps {
  readonly http: AsksStore;
  /** Milliseconds of a clock that never jumps, and of the host's. */
  monotonicMs(): number;
  nowMs(): number;
  /** The text of a file without the end of its last line. @throws {ConfigError} */
  readSecretFile(path: string): Promise<string>;
}

export interface StoreAnswer {
  readonly status: number;
  readonly text: string;
}

export interface AsksStore {
  /** @throws {ConnectionError} when there is no whole answer */
  ask(url: URL, init: RequestInit, signal: AbortSignal): Promise<StoreAnswer>;
}

/** `name`, or `name#key`. */
export function splitName(name: string): SecretPlace {
  const at = name.indexOf("#");
  return at < 0 ? { document: name, key: undefined } : { document: name.slice(0, at), key: name.slice(at + 1) };
}
