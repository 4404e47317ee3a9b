import { EdgeError } from "../../core/error.ts";
import { warnOfOpenKey } from "../../core/private_key_file.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { dial } from "./dial.ts";
import { failedDial } from "./dial_errors.ts";
import { isEncrypted, type MqttEndpoint, parseMqttEndpoint } from "./endpoint.ts";
import { noAnswer } from "./errors.ts";
import { MqttSession, type SessionOptions } from "./session.ts";
import { plainPassword } from "./plain_password.ts";
import type { MqttSettings } from "./settings.ts";

/** A broker that takes longer to take the connection and to answer CONNECT counts as away. */
const ANSWER_SECONDS = 15;

export interface OpenedSession {
  readonly session: MqttSession;
  /** The broker remembered us. */
  readonly isResumed: boolean;
}

export interface OpenOptions extends Pick<SessionOptions, "onMessage" | "onRelease" | "onChunkEnd" | "lastWord"> {
  readonly config: SourceConfig<MqttSettings>;
  readonly deps: Pick<SourceDeps, "clock" | "edgeId" | "extraRoots" | "home" | "log">;
  readonly signal: AbortSignal;
  /** Told of the session before the broker has let us in: messages may come at once. */
  onSession?(session: MqttSession): void;
}

/**
 * Connects to the broker and logs in.
 * @throws {ConnectionError} it is not there or does not answer @throws {AuthError} it refuses us @throws {ConfigError} a setting cannot work
 */
export async function openSession(options: OpenOptions): Promise<OpenedSession> {
  const { config: { endpoint }, deps: { clock }, signal } = options;
  const late = () => noAnswer(endpoint, `within ${ANSWER_SECONDS} s`);
  let session: MqttSession | undefined;
  const attempt = (bounded: AbortSignal) => logIn(options, bounded, (made) => session = made);
  try {
    return await withDeadline(attempt, { clock, ms: ANSWER_SECONDS * 1000, late, signal });
  } catch (error) {
    await session?.[Symbol.asyncDispose]();
    throw mapped(error, endpoint, signal);
  }
}

/** The id that names our session at the broker. */
export function clientIdOf({ name, settings }: SourceConfig<MqttSettings>, edgeId: string): string {
  return settings.client_id ?? `iot-connector-${edgeId.slice(0, 8)}-${name}`;
}

async function logIn(
  options: OpenOptions,
  signal: AbortSignal,
  made: (session: MqttSession) => void,
): Promise<OpenedSession> {
  const { config, deps, onSession } = options;
  const endpoint = endpointOf(config);
  warnIfUnverified(options, endpoint);
  warnIfPlain(options);

  const { home, extraRoots, edgeId } = deps;
  const { client_key_path: path } = config.settings.tls;
  if (path !== null && isEncrypted(endpoint)) warnOfOpenKey({ setting: "tls.client_key_path", path }, deps);
  const socket = await dial(endpoint, {
    endpoint: config.endpoint,
    tls: config.settings.tls,
    home,
    extraRoots,
    nowMs: deps.clock.nowUs() / 1000,
    signal,
  });
  const clientId = clientIdOf(config, edgeId);
  const session = new MqttSession(socket, {
    ...options,
    settings: config.settings,
    endpoint: config.endpoint,
    clientId,
    clock: deps.clock,
  });
  made(session);
  onSession?.(session);
  return { session, ...await abortable(session.opened(), signal) };
}

function endpointOf({ endpoint: text }: SourceConfig<MqttSettings>): MqttEndpoint {
  const endpoint = parseMqttEndpoint(text);
  if (!endpoint) throw new TypeError(`not an MQTT endpoint: ${text}`); // the schema has checked it
  return endpoint;
}

function warnIfUnverified(
  { config: { endpoint: text, settings: { tls } }, deps: { log } }: OpenOptions,
  endpoint: MqttEndpoint,
): void {
  if (tls.verify_mode !== "CERT_NONE" || !isEncrypted(endpoint)) return;
  const message =
    `The certificate of ${text} is not verified (tls.verify_mode is CERT_NONE): whoever is between us and the ` +
    "broker can read the password and change what we read. Set CERT_REQUIRED, and ca_cert_path to the authority that signed it";
  log.log("warn", message, { code: "mqtt_unverified" });
}

function warnIfPlain({ config, deps: { log } }: OpenOptions): void {
  const said = plainPassword(config);
  if (said !== undefined) log.log("warn", `Connecting: ${said}`, { code: "mqtt_plain_password" });
}

/** What connecting failed with, as one of our errors, or the reason why somebody gave it up. */
function mapped(error: unknown, endpoint: string, signal: AbortSignal): unknown {
  if (error instanceof EdgeError) return error;
  if (!signal.aborted) return failedDial(error, endpoint);
  const isTimeout = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return isTimeout ? noAnswer(endpoint, "in time") : signal.reason;
}
