import {
  type ClientSession,
  type ClientSessionPublishService,
  type ClientSessionRawSubscriptionService,
  MessageSecurityMode,
  OPCUAClient,
  type UserIdentityInfo,
  UserTokenType,
} from "node-opcua-client";
import { LogLevel, setLogLevel } from "node-opcua-debug";
import { hostname } from "node:os";
import type { Clock } from "../../core/clock.ts";
import type { SourceConfig, SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import { connectError } from "./errors.ts";
import { type OpcuaSettings, securityMode } from "./settings.ts";
import { PKI_FOLDER, TrustStore } from "./trust_store.ts";

// The library writes to the console by itself; what matters of it comes to us as errors and events.
setLogLevel(LogLevel.Emergency);

const APPLICATION_NAME = "iot-connector";
const OWN_CERTIFICATE = `${PKI_FOLDER}/own/certs/${APPLICATION_NAME}.pem`;
const SESSION_TIMEOUT_MS = 60_000;
const GOODBYE_MS = 3000;
const CERTIFICATE_YEARS = 5;

/** The library's session, with the services that its own type leaves out and its object has. */
export type RawSession = ClientSession & ClientSessionRawSubscriptionService & ClientSessionPublishService;

/** An open session. `client` mends the connection below it by itself and tells by its events. */
export interface OpenSession extends AsyncDisposable {
  readonly client: OPCUAClient;
  readonly session: RawSession;
}

/**
 * Connects and logs in. `signal` bounds the attempt; nothing stays open when it fails.
 * @throws {ConnectionError} @throws {AuthError} @throws {ConfigError}
 */
export async function openSession(
  config: SourceConfig<OpcuaSettings>,
  deps: SourceDeps,
  signal: AbortSignal,
): Promise<OpenSession> {
  const { settings, endpoint } = config;
  await using opened = new AsyncDisposableStack();
  const trust = opened.use(new TrustStore({ home: deps.home, pinned: settings.server_certificate_path }));
  try {
    const client = await makeClient(settings, deps, trust);
    opened.defer(() => goodbye(client, deps.clock));
    signal.throwIfAborted();
    await abortable(client.connect(endpoint), signal);
    signal.throwIfAborted();
    const session = await abortable(client.createSession(identity(settings)), signal) as RawSession;
    silencePublishing(session);
    const stack = opened.move();
    return { client, session, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    signal.throwIfAborted();
    throw trust.refusal(endpoint) ?? connectError({ endpoint, ownCertificate: ownCertificatePath(settings) }, error);
  }
}

/**
 * After a mend the library sends Publish requests by itself, without a subscription of its own: it would be given our
 * values and drop them. node-opcua 2.186.4: `send_publish_request` is the one place they come from.
 */
function silencePublishing(session: RawSession): void {
  // The engine is not part of the declared type.
  const { getPublishEngine } = session as unknown as { getPublishEngine?(): { send_publish_request(): void } };
  if (!getPublishEngine) {
    throw new Error("node-opcua's session has no publish engine: its version is not the tested one");
  }
  getPublishEngine.call(session).send_publish_request = () => {};
}

/** Closes session and connection at the server; what does not answer is left. */
async function goodbye(client: OPCUAClient, clock: Clock): Promise<void> {
  const patience = new AbortController();
  const gone = client.disconnect().catch(() => {}); // what is gone already needs no goodbye
  await Promise.race([gone, clock.sleep(GOODBYE_MS, patience.signal).catch(() => {})]);
  patience.abort();
}

async function makeClient(settings: OpcuaSettings, deps: SourceDeps, trust: TrustStore): Promise<OPCUAClient> {
  const applicationUri = `urn:${APPLICATION_NAME}:${deps.edgeId}`;
  return OPCUAClient.create({
    applicationName: APPLICATION_NAME,
    applicationUri,
    ...await ownCertificate(settings, deps, { trust, applicationUri }),
    clientCertificateManager: trust.manager,
    securityPolicy: settings.security_policy,
    securityMode: MessageSecurityMode[securityMode(settings)],
    // Servers behind address translation tell addresses of their own: what the person wrote is where we connect.
    endpointMustExist: false,
    requestedSessionTimeout: SESSION_TIMEOUT_MS,
    keepSessionAlive: true,
    defaultTransactionTimeout: settings.transaction_timeout_seconds * 1000,
    transportTimeout: settings.transaction_timeout_seconds * 1000,
    // For the first connection; once connected the library tries until we stop it (`repair_timeout_seconds`).
    connectionStrategy: { maxRetry: 1, initialDelay: 100, maxDelay: 1000 },
  });
}

/** The certificate that we show, a path under the home directory. */
export function ownCertificatePath({ certificate_path }: OpcuaSettings): string {
  return certificate_path ?? OWN_CERTIFICATE;
}

interface OwnCertificate {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

/** The configured certificate, or our own, made at first use. */
async function ownCertificate(
  settings: OpcuaSettings,
  deps: SourceDeps,
  { trust, applicationUri }: { trust: TrustStore; applicationUri: string },
): Promise<OwnCertificate> {
  const { certificate_path, private_key_path } = settings;
  await trust.manager.initialize();
  if (certificate_path !== null && private_key_path !== null) {
    return { certificateFile: `${deps.home}/${certificate_path}`, privateKeyFile: `${deps.home}/${private_key_path}` };
  }
  const certificateFile = `${deps.home}/${OWN_CERTIFICATE}`;
  if (!(await exists(certificateFile))) {
    await trust.manager.createSelfSignedCertificate({
      applicationUri,
      dns: [hostname()],
      outputFile: certificateFile,
      subject: `/CN=${APPLICATION_NAME}@${hostname()}`,
      startDate: new Date(deps.clock.nowUs() / 1000),
      validity: 365 * CERTIFICATE_YEARS,
    });
  }
  return { certificateFile, privateKeyFile: trust.manager.privateKey };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function identity(settings: OpcuaSettings): UserIdentityInfo {
  if (settings.username === "") return { type: UserTokenType.Anonymous };
  return { type: UserTokenType.UserName, userName: settings.username, password: settings.password.reveal() };
}
