/** What happens, told to all who listen: one timer, however many they are. */
import type { Clock } from "../../core/clock.ts";
import { EventStream } from "./event_stream.ts";
import { type LogsView, shown, type ShownLine } from "./log_routes.ts";

/** Clients at a time. A browser holds one per page. */
const MAX_CLIENTS = 200;
/** Of one user: when one more comes, the user's oldest makes way. */
const MAX_OF_USER = 20;
const TICK_MS = 1000;
const METRICS_TICKS = 2;
const PING_TICKS = 15;

export const EVENT_NAMES = ["status", "metrics", "logs", "alerts"] as const;

export interface EventsOptions {
  readonly clock: Clock;
  readonly logs: LogsView;
  readonly status: () => object;
  readonly metrics: () => Promise<object>;
  /** Told when they have changed. */
  readonly alerts: () => object;
}

interface Client {
  readonly stream: EventStream;
  readonly user: string;
  /** Whether whoever listens still may: a session may have ended. */
  readonly isStillAllowed: () => boolean;
}

export class Events {
  readonly #options: EventsOptions;
  readonly #clients = new Set<Client>();
  #running: Disposable | undefined;
  #tick = 0;
  #toldAlerts = "";

  constructor(options: EventsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** A stream of events; undefined when there are too many. */
  open(
    names: ReadonlySet<string> | undefined,
    { user, isStillAllowed }: Omit<Client, "stream">,
  ): ReadableStream<Uint8Array> | undefined {
    const [oldest, ...others] = [...this.#clients].filter((client) => client.user === user);
    if (oldest && others.length + 1 >= MAX_OF_USER) this.#end(oldest);
    if (this.#clients.size >= MAX_CLIENTS) return undefined;
    const stream = new EventStream(names, () => this.#remove(client));
    const client: Client = { stream, user, isStillAllowed };
    this.#clients.add(client);
    this.#running ??= this.#run();
    stream.push("ping", "{}", true);
    stream.push("status", JSON.stringify(this.#options.status()), true);
    stream.push("alerts", JSON.stringify(this.#options.alerts()), true);
    return stream.body;
  }

  #run(): Disposable {
    const { clock, logs } = this.#options;
    const running = new DisposableStack();
    running.use(clock.every(TICK_MS, () => this.#beat()));
    running.use(logs.follow((line) => this.#tellLine(line)));
    return running;
  }

  async #beat(): Promise<void> {
    const { status, metrics } = this.#options;
    this.#tick++;
    if (this.#wants("status")) this.#tell("status", JSON.stringify(status()));
    if (this.#wants("alerts")) this.#tellAlerts();
    if (this.#tick % METRICS_TICKS === 0 && this.#wants("metrics")) {
      this.#tell("metrics", JSON.stringify(await metrics()));
    }
    if (this.#tick % PING_TICKS === 0) this.#tell("ping", "{}");
    for (const client of [...this.#clients]) {
      if (!client.isStillAllowed()) this.#end(client);
    }
  }

  #tellAlerts(): void {
    const alerts = JSON.stringify(this.#options.alerts());
    if (alerts === this.#toldAlerts) return;
    this.#toldAlerts = alerts;
    this.#tell("alerts", alerts);
  }

  #end(client: Client): void {
    client.stream.end();
    this.#remove(client);
  }

  #wants(name: string): boolean {
    return [...this.#clients].some(({ stream }) => stream.wants(name));
  }

  #tell(name: string, data: string): void {
    for (const { stream } of this.#clients) stream.push(name, data, true);
  }

  #tellLine(line: ShownLine): void {
    const data = JSON.stringify(shown(line));
    for (const { stream } of this.#clients) stream.push("logs", data, false);
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
  }
}
