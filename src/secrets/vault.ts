/** HashiCorp Vault and OpenBao: a key-value engine of version 2, with a token from a file or by AppRole. */
import { z } from "zod";
import { AuthError } from "../core/error.ts";
import { refusalOf, understood } from "./answers.ts";
import {
  type ProviderDeps,
  type SecretDocument,
  type SecretPlace,
  type SecretProvider,
  splitName,
  type StoreAnswer,
} from "./provider.ts";

export interface VaultSettings {
  readonly address: string;
  readonly namespace: string | null;
  readonly token_path: string | null;
  readonly role_id: string | null;
  readonly secret_id_path: string | null;
  readonly approle_mount: string;
  readonly mount_point: string;
  readonly path: string;
}

interface Token {
  readonly text: string;
  /** Half of its life is over. Infinity: it has no end. */
  readonly renewAtMs: number;
  readonly isRenewable: boolean;
}

const kvAnswer = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });
const loginAnswer = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number(), renewable: z.boolean() }),
});
const renewAnswer = z.object({ auth: z.object({ lease_duration: z.number(), renewable: z.boolean() }) });
const lookupAnswer = z.object({ data: z.object({ ttl: z.number(), renewable: z.boolean().default(false) }) });

export class VaultProvider implements SecretProvider {
  readonly place: string;
  readonly #settings: VaultSettings;
  readonly #deps: ProviderDeps;
  #token: Token | undefined;

  constructor(settings: VaultSettings, deps: ProviderDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.place = `Vault at ${settings.address}`;
  }

  /** `key` in the path of the settings, or `path#key`. */
  locate(name: string): SecretPlace {
    return name.includes("#") ? splitName(name) : { document: this.#settings.path, key: name };
  }

  async fetch(path: string, signal: AbortSignal): Promise<SecretDocument> {
    const { mount_point: mount } = this.#settings;
    const what = `${mount}/${path}`;
    const address = `/v1/${mount}/data/${path}`;
    let answer = await this.#get(address, await this.#login(signal), signal);
    if (answer.status === 403) { // it may have been revoked, or have ended
      this.#token = undefined;
      answer = await this.#get(address, await this.#login(signal), signal);
    }
    if (answer.status !== 200) throw refusalOf(answer.status, { place: this.place, what });
    const { data } = understood(kvAnswer, answer, this.place).data;
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, String(value)]));
  }

  /** Renews the token at half of its life; one that cannot be renewed is asked for anew. */
  async keep(signal: AbortSignal): Promise<void> {
    const token = this.#token;
    if (!token || this.#deps.monotonicMs() < token.renewAtMs) return;
    const answer = token.isRenewable
      ? await this.#post("/v1/auth/token/renew-self", {}, { token: token.text, signal })
      : undefined;
    if (answer?.status !== 200) {
      this.#token = undefined;
      await this.#login(signal);
      return;
    }
    const { lease_duration, renewable } = understood(renewAnswer, answer, this.place).auth;
    this.#token = this.#tokenOf(token.text, lease_duration, renewable);
  }

  [Symbol.dispose](): void {}

  async #login(signal: AbortSignal): Promise<string> {
    const { token_path, role_id } = this.#settings;
    if (token_path !== null) return await this.#fromFile(token_path, signal);
    if (this.#token) return this.#token.text;
    if (role_id === null) {
      throw new AuthError("secret_no_login", `${this.place}: neither token_path nor role_id is set`);
    }
    this.#token = await this.#byRole(role_id, signal);
    return this.#token.text;
  }

  /** Whoever keeps the file, such as Vault's agent, may write another token into it at any time. */
  async #fromFile(path: string, signal: AbortSignal): Promise<string> {
    const text = (await this.#deps.readSecretFile(path)).trim();
    if (this.#token?.text === text) return text;
    const answer = await this.#get("/v1/auth/token/lookup-self", text, signal);
    if (answer.status !== 200) {
      throw refusalOf(answer.status, { place: this.place, what: "what it knows of the token" });
    }
    const { ttl, renewable } = understood(lookupAnswer, answer, this.place).data;
    this.#token = this.#tokenOf(text, ttl, renewable);
    return text;
  }

  async #byRole(role_id: string, signal: AbortSignal): Promise<Token> {
    const { secret_id_path, approle_mount } = this.#settings;
    const secret = secret_id_path === null
      ? {}
      : { secret_id: (await this.#deps.readSecretFile(secret_id_path)).trim() };
    const answer = await this.#post(`/v1/auth/${approle_mount}/login`, { role_id, ...secret }, { signal });
    if (answer.status !== 200) throw refusalOf(answer.status, { place: this.place, what: "a token for this role" });
    const { client_token, lease_duration, renewable } = understood(loginAnswer, answer, this.place).auth;
    return this.#tokenOf(client_token, lease_duration, renewable);
  }

  #tokenOf(text: string, seconds: number, isRenewable: boolean): Token {
    const renewAtMs = seconds > 0 ? this.#deps.monotonicMs() + seconds * 500 : Infinity;
    return { text, renewAtMs, isRenewable };
  }

  #get(path: string, token: string, signal: AbortSignal): Promise<StoreAnswer> {
    return this.#deps.http.ask(this.#url(path), { headers: this.#headers(token) }, signal);
  }

  #post(path: string, body: unknown, { token, signal }: { token?: string; signal: AbortSignal }): Promise<StoreAnswer> {
    const headers = { ...this.#headers(token), "content-type": "application/json" };
    return this.#deps.http.ask(this.#url(path), { method: "POST", headers, body: JSON.stringify(body) }, signal);
  }

  #headers(token: string | undefined): Record<string, string> {
    const { namespace } = this.#settings;
    return {
      "x-vault-request": "true",
      ...(token === undefined ? {} : { "x-vault-token": token }),
      ...(namespace === null ? {} : { "x-vault-namespace": namespace }),
    };
  }

  #url(path: string): URL {
    return new URL(path, this.#settings.address);
  }
}
