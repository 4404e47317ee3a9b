/** AWS Secrets Manager, with credentials of a file, or with the token of a workload. */
import { z } from "zod";
import { AuthError, ConnectionError } from "../core/error.ts";
import { refusalOf, understood } from "./answers.ts";
import { type ProviderDeps, type SecretDocument, type SecretProvider, splitName } from "./provider.ts";
import { type AwsCredentials, signed } from "./sigv4.ts";

export interface AwsSettings {
  readonly region: string;
  /** In place of AWS's own for that region. */
  readonly endpoint: string | null;
  readonly sts_endpoint: string | null;
  readonly access_key_id: string | null;
  readonly secret_access_key_path: string | null;
  readonly role_arn: string | null;
  readonly token_path: string | null;
}

const EARLY_MS = 300_000;
const secretAnswer = z.object({ SecretString: z.string() });

export class AwsProvider implements SecretProvider {
  readonly place: string;
  readonly locate = splitName;
  readonly #settings: AwsSettings;
  readonly #deps: ProviderDeps;
  #lent: { readonly credentials: AwsCredentials; readonly renewAtMs: number } | undefined;

  constructor(settings: AwsSettings, deps: ProviderDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.place = `AWS Secrets Manager in ${settings.region}`;
  }

  async fetch(name: string, signal: AbortSignal): Promise<SecretDocument> {
    const { region, endpoint } = this.#settings;
    const url = new URL("/", endpoint ?? `https://secretsmanager.${region}.amazonaws.com`);
    const body = JSON.stringify({ SecretId: name });
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" };
    const credentials = await this.#credentials(signal);
    const options = { credentials, region, service: "secretsmanager", nowMs: this.#deps.nowMs() };
    const init = { method: "POST", headers: signed({ method: "POST", url, headers, body }, options), body };
    const answer = await this.#deps.http.ask(url, init, signal);
    if (answer.status === 200) return understood(secretAnswer, answer, this.place).SecretString;
    this.#lent = undefined; // the next try asks for others
    const status = answer.text.includes("ResourceNotFoundException") ? 404 : answer.status; // it says 400 for that
    throw refusalOf(status, { place: this.place, what: `secret ${name}` });
  }

  [Symbol.dispose](): void {}

  async #credentials(signal: AbortSignal): Promise<AwsCredentials> {
    const { access_key_id: accessKeyId, secret_access_key_path: path, role_arn, token_path } = this.#settings;
    if (accessKeyId !== null && path !== null) {
      return { accessKeyId, secretAccessKey: (await this.#deps.readSecretFile(path)).trim() };
    }
    if (role_arn === null || token_path === null) {
      const needed = "access_key_id with secret_access_key_path, or role_arn with token_path, must be set";
      throw new AuthError("secret_no_login", `${this.place}: ${needed}`);
    }
    if (this.#lent && this.#deps.monotonicMs() < this.#lent.renewAtMs) return this.#lent.credentials;
    this.#lent = await this.#lend(role_arn, await this.#deps.readSecretFile(token_path), signal);
    return this.#lent.credentials;
  }

  /** `AssumeRoleWithWebIdentity` of the Security Token Service; the request is not signed. */
  async #lend(role: string, token: string, signal: AbortSignal) {
    const url = new URL("/", this.#settings.sts_endpoint ?? `https://sts.${this.#settings.region}.amazonaws.com`);
    const body = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: role,
      RoleSessionName: "iot-connector",
      WebIdentityToken: token.trim(),
    });
    const { status, text } = await this.#deps.http.ask(url, { method: "POST", body }, signal);
    if (status !== 200) throw refusalOf(status, { place: url.origin, what: "credentials for this role" });
    const accessKeyId = element(text, "AccessKeyId", url);
    const secretAccessKey = element(text, "SecretAccessKey", url);
    const credentials = { accessKeyId, secretAccessKey, sessionToken: element(text, "SessionToken", url) };
    const lifeMs = Math.max(0, Date.parse(element(text, "Expiration", url)) - this.#deps.nowMs());
    return { credentials, renewAtMs: this.#deps.monotonicMs() + lifeMs - Math.min(EARLY_MS, lifeMs / 2) };
  }
}

/** The text of the only element of this name; the service's values need no unescaping. */
function element(xml: string, name: string, { origin }: URL): string {
  const text = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1]?.trim();
  if (text !== undefined) return text;
  throw new ConnectionError("secret_store_answer", `${origin} answers without ${name}`);
}
