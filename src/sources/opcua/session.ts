import {
  type ClientSession,
  type ClientSessionPublishService,
  type ClientSessionRawSubscriptionService,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
} from "node-opcua-client";
import { LogLevel, setLogLevel } from "node-opcua-debug";
import type { Clock } from "../../core/clock.ts";
import type { CertificateRules, SourceConfig, SourceDeps } from "../../core/source.ts";
import { ConfigError, EdgeError } from "../../core/error.ts";
import { warnOfOpenKey } from "../../core/private_key_file.ts";
import { abortable } from "../../lib/condition.ts";
import { connectError, isNoConnection, isRefusalOfOurCertificate, statusIn } from "./errors.ts";
import { identity } from "./identity.ts";
import { checkDowngrade, chosenPolicy, readOffers } from "./offers.ts";
import {
  APPLICATION_NAME,
  applicationUri,
  type OwnCertificate,
  ownCertificates,
  renewOwnCertificate,
} from "./own_certificate.ts";
import { isLegacy, type Policy, type SecurityMode } from "./policies.ts";
import { type OpcuaSettings, securityMode } from "./settings.ts";
import { TrustStore } from "./trust_store.ts";
import { asWhatAnswers } from "./what_answers.ts";

// The library writes to the console by itself; what matters of it comes to us as errors and events.
setLogLevel(LogLevel.Emergency);

const SESSION_TIMEOUT_MS = 60_000;
const GOODBYE_MS = 3000;
const DEFAULT_RULES: CertificateRules = { verifyHostname: true, checkRevocation: "when_crl_present" };

/** The library's session, with the services that its own type leaves out and its object has. */
export type RawSession = ClientSession & ClientSessionRawSubscriptionService & ClientSessionPublishService;

/** An open session. `client` mends the connection below it by itself and tells by its events. */
export interface OpenSession extends AsyncDisposable {
  readonly client: OPCUAClient;
  readonly session: RawSession;
  readonly security: Security;
  /** Makes our certificate anew where it ends soon. */
  renewCertificate(): Promise<void>;
}

/** How the channel is secured. */
export interface Security {
  readonly policy: Policy;
  readonly mode: SecurityMode;
}

/** What every step of a connection needs. */
interface Attempt {
  readonly config: SourceConfig<OpcuaSettings>;
  readonly deps: SourceDeps;
  readonly trust: TrustStore;
  readonly signal: AbortSignal;
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
  await using opened = new AsyncDisposableStack();
  const trust = opened.use(openTrustStore(config, deps));
  const attempt = { config, deps, trust, signal };
  const workshop = { manager: trust.manager, deps };
  warnOfOpenKeys(config.settings, deps);
  const own = await ownCertificates(config.settings, workshop);
  const logged = opened.use(await logInWithAny(own, attempt));
  const stack = opened.move();
  return {
    client: logged.client,
    session: logged.session,
    security: logged.security,
    renewCertificate: async () => {
      if (config.settings.certificate_path === null) await renewOwnCertificate(workshop);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function openTrustStore({ endpoint, settings }: SourceConfig<OpcuaSettings>, deps: SourceDeps): TrustStore {
  const { home, certificateRules: rules = DEFAULT_RULES, clock, log } = deps;
  return new TrustStore({ home, pinned: settings.server_certificate_path, endpoint, rules, clock, log });
}

function warnOfOpenKeys(settings: OpcuaSettings, deps: SourceDeps): void {
  for (const setting of ["private_key_path", "user_private_key_path"] as const) {
    const path = settings[setting];
    if (path !== null) warnOfOpenKey({ setting, path }, deps);
  }
}

type LoggedIn = Omit<OpenSession, "renewCertificate">;

/** Shows the server one certificate after the other, until it takes one. */
async function logInWithAny([own, ...others]: readonly OwnCertificate[], attempt: Attempt): Promise<LoggedIn> {
  if (!own) throw new TypeError("no certificate to show");
  try {
    return await logIn(own, attempt);
  } catch (error) {
    const { config: { endpoint }, deps, trust, signal } = attempt;
    signal.throwIfAborted();
    const refusal = trust.refusal();
    if (!refusal && others.length > 0 && isRefusalOfOurCertificate(error)) {
      const logged = await logInWithAny(others, attempt);
      deps.log.log("warn", `The server does not trust our new certificate yet: trust ${own.path} at it`);
      return logged;
    }
    if (refusal) throw refusal;
    const failure = connectError({ endpoint, ownCertificate: own.path }, error);
    throw isNoConnection(error) ? await asWhatAnswers(failure, { endpoint, clock: deps.clock, signal }) : failure;
  }
}

async function logIn(own: OwnCertificate, attempt: Attempt): Promise<LoggedIn> {
  const { config: { settings, endpoint }, deps, signal } = attempt;
  await using opened = new AsyncDisposableStack();
  const security = await chooseSecurity(own, attempt);
  const client = await connectClient(security, own, attempt);
  opened.defer(() => goodbye(client, deps.clock));
  if (settings.security_policy === "auto") {
    const offers = await abortable(readOffers(client), signal);
    checkDowngrade(endpoint, { chosen: security.policy, mode: security.mode, offers });
    deps.log.log("info", `The line is secured with ${security.policy}, ${security.mode}`, { ...security });
  }
  if (security.policy !== "None") await abortable(checkServerUri(client, security, attempt.trust), signal);
  const session = await createSession(client, security, attempt);
  silencePublishing(session);
  if (isLegacy(security.policy)) {
    deps.log.log(
      "warn",
      `security_policy ${security.policy} is withdrawn by the OPC Foundation: have the server offer a better one`,
    );
  }
  const stack = opened.move();
  return { client, session, security, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The server states its application's URI; the list comes through the secured channel. @throws {AuthError} */
async function checkServerUri(client: OPCUAClient, { policy, mode }: Security, trust: TrustStore): Promise<void> {
  await client.getEndpoints();
  const uri = client.findEndpointForSecurity(MessageSecurityMode[mode], SecurityPolicy[policy])?.server.applicationUri;
  if (uri) await trust.checkUri(uri);
}

async function createSession(client: OPCUAClient, { policy }: Security, attempt: Attempt): Promise<RawSession> {
  const { config: { settings, endpoint }, deps, signal } = attempt;
  try {
    return await abortable(client.createSession(identity(settings, deps.home)), signal) as RawSession;
  } catch (error) {
    signal.throwIfAborted();
    const isUnproven = settings.user_certificate_path !== null && policy === "None" && !statusIn(error);
    if (!isUnproven || error instanceof EdgeError) throw error;
    // What is signed to prove the user's key is the server's certificate (OPC UA Part 4, 7.36.5).
    const why =
      "with security_policy None the server shows no certificate, and without it a user certificate proves nothing";
    throw new ConfigError("opcua_unfit", `Cannot log in to ${endpoint}: ${why}; set another security_policy`, {
      cause: error,
    });
  }
}

/** What the settings say; for `auto` the server is asked first what it offers. */
async function chooseSecurity(own: OwnCertificate, attempt: Attempt): Promise<Security> {
  const { config: { settings, endpoint }, deps, signal } = attempt;
  const mode = securityMode(settings);
  if (settings.security_policy !== "auto") return { policy: settings.security_policy, mode };
  const client = await connectClient({ policy: "None", mode: "None" }, own, attempt);
  try {
    return { policy: chosenPolicy(endpoint, await abortable(readOffers(client), signal), mode), mode };
  } finally {
    await goodbye(client, deps.clock);
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

async function connectClient(security: Security, own: OwnCertificate, attempt: Attempt): Promise<OPCUAClient> {
  const { config: { endpoint }, deps, signal } = attempt;
  const client = makeClient(security, own, attempt);
  try {
    signal.throwIfAborted();
    await abortable(client.connect(endpoint), signal);
    signal.throwIfAborted();
    return client;
  } catch (error) {
    await goodbye(client, deps.clock);
    throw error;
  }
}

function makeClient({ policy, mode }: Security, own: OwnCertificate, { config, deps, trust }: Attempt): OPCUAClient {
  const { settings } = config;
  return OPCUAClient.create({
    applicationName: APPLICATION_NAME,
    applicationUri: applicationUri(deps),
    certificateFile: own.certificateFile,
    privateKeyFile: own.privateKeyFile,
    clientCertificateManager: trust.manager,
    securityPolicy: policy,
    securityMode: MessageSecurityMode[mode],
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
