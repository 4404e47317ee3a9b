/** Everything between this host and the tables in Databricks. */
import { messageNamed } from "../bronze/mod.ts";
import { planBundled, planTable, type TableColumn } from "../bronze/table_plan.ts";
import type { Clock } from "../core/clock.ts";
import { ConnectionError, reasonOf } from "../core/error.ts";
import type { Lane } from "../core/lane.ts";
import { Secret } from "../lib/secret.ts";
import type { IngestChannels } from "../sinks/zerobus/channel.ts";
import { parseIngestEndpoint, parseServiceUrl } from "../sinks/zerobus/endpoint.ts";
import { WorkspaceHttp } from "../sinks/zerobus/http.ts";
import { ProxiedClients } from "../sinks/zerobus/proxied_clients.ts";
import { proxyFor, type ProxySettings } from "../sinks/zerobus/proxy.ts";
import type { ZerobusSettings } from "../sinks/zerobus/spec.ts";
import { TokenCache } from "../sinks/zerobus/token.ts";
import type { Step } from "./step.ts";
import { lookAtTable } from "./table_look.ts";
import { tableSteps } from "./table_steps.ts";
import { type Way, waySteps } from "./way_steps.ts";
import { addressStep, clockStep, tokenStep } from "./workspace_steps.ts";

export interface ZerobusStepsOptions {
  readonly settings: ZerobusSettings;
  /** To be written. */
  readonly lanes: readonly Lane[];
  readonly clock: Clock;
  readonly version: string;
  readonly extraRoots: string | undefined;
  readonly proxy: ProxySettings | undefined;
}

/** The steps, and what they share; nothing is connected before one runs. */
export class ZerobusSteps implements Disposable {
  readonly steps: readonly Step[];
  readonly #options: ZerobusStepsOptions;
  readonly #http: WorkspaceHttp;
  readonly #tokens: TokenCache;
  readonly #workspace: URL;

  constructor(options: ZerobusStepsOptions) {
    const { settings, extraRoots, proxy, clock, version } = options;
    this.#options = options;
    this.#workspace = parseServiceUrl(settings.workspace_host ?? "");
    this.#http = new WorkspaceHttp({ extraRoots, proxy, userAgent: `iot-connector/${version}` });
    const { auth } = settings;
    this.#tokens = new TokenCache({
      endpoint: auth.token_endpoint ? parseServiceUrl(auth.token_endpoint) : new URL("/oidc/v1/token", this.#workspace),
      workspaceId: settings.workspace_id ?? this.#endpoint.workspaceId,
      clientId: auth.client_id ?? "",
      clientSecret: auth.client_secret ?? new Secret(""),
      http: this.#http,
      clock,
      report: () => {},
    });
    this.steps = this.#make();
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }

  get #endpoint() {
    return parseIngestEndpoint(this.#options.settings.zerobus_endpoint ?? "");
  }

  #make(): Step[] {
    const { settings: { workspace_host, zerobus_endpoint, auth }, clock } = this.#options;
    const toWorkspace = waySteps(this.#way("workspace", this.#workspace));
    const toEndpoint = waySteps(this.#endpointWay());
    const lastOf = (steps: readonly Step[]) => steps.slice(-1).map(({ id }) => id);
    const needs = lastOf(toWorkspace);
    return [
      addressStep(workspace_host ?? "", zerobus_endpoint ?? ""),
      ...toWorkspace,
      ...toEndpoint,
      clockStep({ clock, serverDate: (signal) => this.#serverDate(signal), needs }),
      tokenStep({ tokens: this.#tokens, needs }),
      ...this.#tables().flatMap((lanes) => this.#table(lanes, { principal: auth.client_id, way: lastOf(toEndpoint) })),
    ];
  }

  /** Lanes by table. */
  #tables(): Lane[][] {
    const byTable = Map.groupBy(this.#options.lanes, ({ table }) => table);
    return [...byTable.values()];
  }

  #table(lanes: readonly Lane[], { principal, way }: { principal: string | null; way: readonly string[] }): Step[] {
    const written = lanes.map((lane) => ({ lane, message: messageNamed(lane.message) }));
    const [first] = lanes;
    const steps = tableSteps({
      wanted: { table: first?.table ?? "", messages: written.map(({ message }) => message) },
      lanes: written,
      principal,
      needs: ["token"],
      probe: {
        tokens: this.#tokens,
        look: async (table, signal) =>
          await lookAtTable(table, {
            http: this.#http,
            workspace: this.#workspace,
            token: await this.#tokens.forWorkspace(signal),
            signal,
          }),
        dryRun: (lane, columns, signal) => this.#dryRun(lane, columns, signal),
      },
    });
    return steps.map((step) => step.id.includes(".stream") ? { ...step, needs: [...step.needs ?? [], ...way] } : step);
  }

  #way(name: string, { hostname, port, protocol }: URL): Way {
    const isTls = protocol === "https:";
    return this.#wayTo({ name, host: hostname, port: Number(port || (isTls ? 443 : 80)), isTls, needsHttp2: false });
  }

  #endpointWay(): Way {
    const { host, port, isTls } = this.#endpoint;
    return this.#wayTo({ name: "endpoint", host, port, isTls, needsHttp2: true });
  }

  #wayTo(to: Pick<Way, "name" | "host" | "port" | "isTls" | "needsHttp2">): Way {
    const { proxy, extraRoots, clock } = this.#options;
    return { ...to, hop: proxyFor(to.host, proxy), extraRoots, nowMs: () => clock.nowUs() / 1000 };
  }

  async #serverDate(signal: AbortSignal): Promise<string | undefined> {
    using clients = new ProxiedClients(this.#options);
    const client = clients.clientFor(this.#workspace.hostname);
    try {
      const answer = await fetch(this.#workspace.origin, { method: "HEAD", client, signal, redirect: "manual" });
      await answer.body?.cancel();
      return answer.headers.get("date") ?? undefined;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const message = `${this.#workspace.origin} does not answer a request: ${reasonOf(error)}`;
      throw new ConnectionError("workspace_unreachable", message, { cause: error });
    }
  }

  async #dryRun(lane: Lane, columns: readonly TableColumn[] | undefined, signal: AbortSignal): Promise<void> {
    const message = messageNamed(lane.message);
    const plan = columns ? planTable(lane.table, columns, message) : planBundled(message);
    // gRPC is loaded when a stream is opened, and not before.
    const { dryRun } = await import("./dry_run.ts");
    const token = await this.#tokens.forTable(lane.table, signal);
    const channels = await this.#channels();
    await dryRun({
      channels,
      token,
      table: lane.table,
      descriptor: plan.descriptor,
      clock: this.#options.clock,
      signal,
    });
  }

  async #channels(): Promise<IngestChannels> {
    const { IngestChannels } = await import("../sinks/zerobus/channel.ts");
    const { extraRoots, proxy, version, settings } = this.#options;
    const userAgent = `iot-connector/${version}`;
    const keepaliveMs = settings.connection.keepalive_seconds * 1000;
    return new IngestChannels({ endpoint: this.#endpoint, extraRoots, proxy, userAgent, keepaliveMs });
  }
}
