/**
 * An OPC UA server for tests, demo and load: counters that grow by one with each sample, so that loss shows as a gap.
 * In this process by `startOpcuaServer`, or as one of its own: `deno run -A tests/peers/opcua_server.ts --nodes 5000`,
 * which prints `listening on ENDPOINT`, stops its counters on SIGUSR1 and prints `paused at N`, lets them go on (or,
 * started with `--paused`, begin) on SIGUSR2, and ends on SIGTERM.
 */
import { OPCUACertificateManager } from "node-opcua-certificate-manager";
import { DataType, MessageSecurityMode, SecurityPolicy, ServiceFault, StatusCodes } from "node-opcua-client";
import { LogLevel, setLogLevel } from "node-opcua-debug";
import { nodesets } from "node-opcua-nodesets";
import { OPCUAServer } from "node-opcua-server";
import { freePort } from "./process.ts";

setLogLevel(LogLevel.Emergency);

export type AddressSpace = NonNullable<OPCUAServer["engine"]["addressSpace"]>;

export interface OpcuaServerOptions {
  readonly port?: number;
  /** Counters: `ns=1;s=counter0` and so on, all in the object `0:Root/0:Objects/1:Counters`. 3 unless told. */
  readonly nodes?: number;
  /** How often each grows by one. 100 ms unless told; 0: only by `tick`. */
  readonly intervalMs?: number;
  /** What the counters are at first; 0 unless told. */
  readonly startAt?: number;
  /** The counters stand still until `resume`. */
  readonly isPaused?: boolean;
  /** Users and their passwords. With none, anonymous only. */
  readonly users?: Readonly<Record<string, string>>;
  /** Changes of a node that are closer together are reported as one. 50 ms, the library's own, unless told. */
  readonly minSamplingMs?: number;
  /** The most monitored items that one call may create; 0, the default, states no limit. */
  readonly maxItemsPerCall?: number;
  /** How far the counters' source times are ahead of the host's clock; negative for behind. 0 unless told. */
  readonly clockAheadMs?: number;
  /** URIs of namespaces with the indexes 2, 3 and so on, each with a variable `s=v0` whose value is the URI. */
  readonly namespaces?: readonly string[];
  /** The most nodes that one call may read; 0, the default, states no limit. */
  readonly maxNodesPerRead?: number;
  /** 50 unless told. */
  readonly maxSessions?: number;
  /** Answers CreateSubscription with BadServiceUnsupported. */
  readonly hasNoSubscriptions?: boolean;
  /** Certificate and key, PEM files, in place of one that it makes by itself. */
  readonly certificate?: { readonly certificateFile: string; readonly privateKeyFile: string };
  /** None and Basic256Sha256 unless told. */
  readonly policies?: readonly (keyof typeof SecurityPolicy)[];
  /** Turns away clients whose certificate nobody trusted. By default all are let in. */
  readonly isStrict?: boolean;
  /** Where its certificates are kept; a folder of its own in the system's temporary folder unless told. */
  readonly pki?: string;
}

/** A running server. */
export interface OpcuaServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  readonly pki: string;
  /** Adds one to every counter and says what they are now. */
  tick(): number;
  /** Stops the counters, and says what they are now. */
  pause(): number;
  resume(): void;
  /** Adds a counter that was not there: `ns=1;s=NAME`, or another identifier than its name. */
  addCounter(name: string, identifier?: string): void;
  /** Takes a counter away; `addCounter` brings it back. */
  removeCounter(name: string): void;
  /** Sessions open now. */
  readonly sessions: number;
  /** Ends all subscriptions, and leaves their sessions. */
  endSubscriptions(): void;
  /** Ends all sessions, as when they timed out. */
  endSessions(): void;
  /** Its nodes, for a test that needs others than counters. */
  readonly space: AddressSpace;
}

export const NAMESPACE = "urn:iot-connector:test-server";

/** Starts a server with the policies None and Basic256Sha256 on 127.0.0.1. */
export async function startOpcuaServer(options: OpcuaServerOptions = {}): Promise<OpcuaServer> {
  await using opened = new AsyncDisposableStack();
  const { port = freePort(), nodes = 3, intervalMs = 100, users = {}, clockAheadMs = 0 } = options;
  const pki = options.pki ?? await Deno.makeTempDir({ prefix: "opcua-server-" });
  if (!options.pki) opened.defer(() => Deno.remove(pki, { recursive: true }));
  const server = new OPCUAServer({
    port,
    hostname: "127.0.0.1",
    nodeset_filename: [nodesets.standard],
    ...options.certificate,
    serverInfo: { applicationUri: NAMESPACE },
    serverCertificateManager: store(`${pki}/server`, options.isStrict),
    userCertificateManager: store(`${pki}/users`),
    securityPolicies: options.policies?.map((policy) => SecurityPolicy[policy]) ??
      [SecurityPolicy.None, SecurityPolicy.Basic256Sha256],
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: true,
    userManager: { isValidUser: (user: string, password: string) => users[user] === password },
    maxConnectionsPerEndpoint: 50,
    serverCapabilities: {
      maxSessions: options.maxSessions ?? 50,
      minSupportedSampleRate: options.minSamplingMs ?? 50,
      maxMonitoredItemsPerSubscription: 1_000_000,
      maxMonitoredItems: 1_000_000,
      operationLimits: {
        maxMonitoredItemsPerCall: options.maxItemsPerCall ?? 0,
        maxNodesPerRead: options.maxNodesPerRead ?? 0,
      },
    },
    registerServerMethod: 1,
  });
  await server.initialize();
  if (options.hasNoSubscriptions) refuseSubscriptions(server);
  opened.defer(() => server.shutdown(0));
  let count = options.startAt ?? 0;
  const makeCounter = counterMaker(server);
  for (const uri of options.namespaces ?? []) addNamespace(server, uri);
  const addCounter = (name: string, identifier = name) => makeCounter(name, identifier, count);
  const counters = Array.from({ length: nodes }, (_, i) => addCounter(`counter${i}`));
  await server.start();
  const tick = () => {
    count++;
    const at = new Date(Date.now() + clockAheadMs);
    const value = { dataType: DataType.UInt32, value: count };
    for (const counter of counters) counter.setValueFromSource(value, StatusCodes.Good, at);
    return count;
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  const resume = () => {
    clearInterval(timer);
    if (intervalMs > 0) timer = setInterval(tick, intervalMs);
  };
  opened.defer(() => clearInterval(timer));
  if (!options.isPaused) resume();
  const stack = opened.move();
  return {
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    port,
    pki,
    tick,
    pause: () => {
      clearInterval(timer);
      return count;
    },
    resume,
    addCounter: (...names) => void counters.push(addCounter(...names)),
    removeCounter: (name) => {
      const [gone] = counters.splice(counters.findIndex(({ browseName }) => browseName.name === name), 1);
      if (gone) server.engine.addressSpace?.deleteNode(gone);
    },
    space: spaceOf(server),
    endSubscriptions() {
      for (const session of sessionsOf(server)) {
        for (const { id } of session.publishEngine.subscriptions) session.deleteSubscription(id);
      }
    },
    endSessions() {
      for (const { authenticationToken } of sessionsOf(server)) {
        server.engine.closeSession(authenticationToken, true, "Timeout");
      }
    },
    get sessions() {
      return server.engine.currentSessionCount;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What one handler of the library's server is given. */
type Handler = (
  message: { request: { requestHeader: { requestHandle: number } } },
  channel: { send_response(kind: "MSG", response: ServiceFault, message: unknown): void },
) => void;

function refuseSubscriptions(server: OPCUAServer): void {
  const refuse: Handler = (message, channel) => {
    const { requestHandle } = message.request.requestHeader;
    const serviceResult = StatusCodes.BadServiceUnsupported;
    channel.send_response("MSG", new ServiceFault({ responseHeader: { requestHandle, serviceResult } }), message);
  };
  // The handlers of services are not part of the declared type.
  (server as unknown as { _on_CreateSubscriptionRequest: Handler })._on_CreateSubscriptionRequest = refuse;
}

type Session = NonNullable<ReturnType<OPCUAServer["engine"]["getSession"]>>;

function sessionsOf(server: OPCUAServer): readonly Session[] {
  // The list is not part of the declared type.
  return Object.values((server.engine as unknown as { _sessions: Record<string, Session> })._sessions);
}

function spaceOf(server: OPCUAServer): AddressSpace {
  const { addressSpace } = server.engine;
  if (!addressSpace) throw new Error("the server has no address space");
  return addressSpace;
}

function store(rootFolder: string, isStrict = false): OPCUACertificateManager {
  return new OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: !isStrict,
    disableFileWatchers: true,
  });
}

function addNamespace(server: OPCUAServer, uri: string): void {
  const space = server.engine.addressSpace;
  space?.registerNamespace(uri).addVariable({
    browseName: "v0",
    nodeId: "s=v0",
    organizedBy: space.rootFolder.objects,
    dataType: DataType.String,
    value: { dataType: DataType.String, value: uri },
  });
}

/** Adds variables to an object of their own. */
function counterMaker(server: OPCUAServer) {
  const space = spaceOf(server);
  const namespace = space.getOwnNamespace();
  const folder = namespace.addObject({ browseName: "Counters", organizedBy: space.rootFolder.objects });
  return (name: string, identifier: string, value: number) =>
    namespace.addVariable({
      browseName: name,
      nodeId: `s=${identifier}`,
      componentOf: folder,
      dataType: DataType.UInt32,
      minimumSamplingInterval: 0, // each change is reported, none is sampled away
      value: { dataType: DataType.UInt32, value },
    });
}

if (import.meta.main) {
  const argument = (name: string, otherwise: number) => {
    const at = Deno.args.indexOf(`--${name}`);
    return at < 0 ? otherwise : Number(Deno.args[at + 1]);
  };
  const server = await startOpcuaServer({
    port: argument("port", 0) || freePort(),
    nodes: argument("nodes", 3),
    intervalMs: argument("interval", 100),
    startAt: argument("start-at", 0),
    isPaused: Deno.args.includes("--paused"),
    minSamplingMs: 5,
    users: { operator: "secret" },
  });
  console.log(`listening on ${server.endpoint}`);
  // So that a restart can be told from a loss: the counters stop before it, and go on once somebody listens again.
  Deno.addSignalListener("SIGUSR1", () => console.log(`paused at ${server.pause()}`));
  Deno.addSignalListener("SIGUSR2", () => server.resume());
  Deno.addSignalListener("SIGTERM", () => void server[Symbol.asyncDispose]().then(() => Deno.exit(0)));
}
