/** Azure Key Vault, as an application with a secret, or with the token of a workload. */
import { z } from "zod";
import { AuthError } from "../core/error.ts";
import { refusalOf, understood } from "./answers.ts";
import { type ProviderDeps, type SecretDocument, type SecretProvider, splitName } from "./provider.ts";

export interface AzureSettings {
  readonly vault_url: string;
  readonly tenant_id: string;
  readonly client_id: string;
  readonly client_secret_path: string | null;
  readonly token_path: string | null;
  readonly login_url: string;
}

const API_VERSION = "7.4";
/** A token is asked for anew so long before its end. */
const EARLY_MS = 300_000;

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() });
const secretAnswer = z.object({ value: z.string() });

export class AzureProvider implements SecretProvider {
  readonly place: string;
  readonly locate = splitName;
  readonly #settings: AzureSettings;
  readonly #deps: ProviderDeps;
  #token: { readonly text: string; readonly renewAtMs: number } | undefined;

  constructor(settings: AzureSettings, deps: ProviderDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.place = `Azure Key Vault at ${settings.vault_url}`;
  }

  async fetch(name: string, signal: AbortSignal): Promise<SecretDocument> {
    const url = new URL(`/secrets/${encodeURIComponent(name)}?api-version=${API_VERSION}`, this.#settings.vault_url);
    const headers = { authorization: `Bearer ${await this.#login(signal)}` };
    const answer = await this.#deps.http.ask(url, { headers }, signal);
    if (answer.status === 401) this.#token = undefined; // the next try asks for another
    if (answer.status !== 200) throw refusalOf(answer.status, { place: this.place, what: `secret ${name}` });
    return understood(secretAnswer, answer, this.place).value;
  }

  [Symbol.dispose](): void {}

  async #login(signal: AbortSignal): Promise<string> {
    if (this.#token && this.#deps.monotonicMs() < this.#token.renewAtMs) return this.#token.text;
    const { tenant_id, client_id, login_url } = this.#settings;
    const url = new URL(`/${encodeURIComponent(tenant_id)}/oauth2/v2.0/token`, login_url);
    const scope = "https://vault.azure.net/.default";
    const form = { grant_type: "client_credentials", client_id, scope, ...await this.#proof() };
    const answer = await this.#deps.http.ask(url, { method: "POST", body: new URLSearchParams(form) }, signal);
    if (answer.status !== 200) {
      throw refusalOf(answer.status, { place: login_url, what: "a token for this application" });
    }
    const { access_token: text, expires_in } = understood(tokenAnswer, answer, login_url);
    const lifeMs = expires_in * 1000;
    this.#token = { text, renewAtMs: this.#deps.monotonicMs() + lifeMs - Math.min(EARLY_MS, lifeMs / 2) };
    return text;
  }

  async #proof(): Promise<Record<string, string>> {
    const { client_secret_path, token_path } = this.#settings;
    if (client_secret_path !== null) return { client_secret: await this.#deps.readSecretFile(client_secret_path) };
    if (token_path === null) {
      throw new AuthError("secret_no_login", `${this.place}: neither client_secret_path nor token_path is set`);
    }
    return {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", // RFC 7523
      client_assertion: (await this.#deps.readSecretFile(token_path)).trim(),
    };
  }
}
