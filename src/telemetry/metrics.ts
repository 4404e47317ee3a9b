import { Gauge, Histogram, Registry } from "prom-client";
import type { BreakerState, SourceState } from "../core/event.ts";
import type { LaneStatus, SourceStatus } from "../core/status.ts";
import { Gauges } from "./gauges.ts";
import { CounterFamily, DurationFamily, StateFamily } from "./series.ts";
import type { ProcessUse, WatchedBuffer } from "./watched.ts";

export const SOURCE_STATES: readonly SourceState["state"][] = [
  "stopped",
  "connecting",
  "connected",
  "repairing",
  "waiting",
  "halted",
  "given_up",
];
export const BREAKER_STATES: readonly BreakerState[] = ["closed", "open", "half_open"];

/** From a local disk to an outage: seconds. */
const DELIVERY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const LOOP_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

export interface MetricsOptions {
  readonly version: string;
  /** When the process started: microseconds since 1970-01-01 UTC. */
  readonly startedUs: number;
  /** Read once per scrape. */
  readonly processUse?: () => ProcessUse;
}

/** Where sources and lanes stand. */
export interface WatchedBoard {
  readonly sources: ReadonlyMap<string, SourceStatus>;
  readonly lanes: ReadonlyMap<string, LaneStatus>;
}

/** A metric, and the labels that its series must have. */
export interface WantedMetric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a metric is, without its values. */
export interface DescribedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** A metric and its series. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/**
 * Every metric of the connector, in a registry of its own. Names follow "Metric and label naming" of the Prometheus
 * documentation: base units, `_total` for counters.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Gauges(this.#registry);
  readonly #processUse: (() => ProcessUse) | undefined;
  #buffer: WatchedBuffer | undefined;
  #board: WatchedBoard = { sources: new Map(), lanes: new Map() };

  readonly recordsRead = this.#counter("records_read", "Readings taken over from sources.", ["source", "protocol"]);
  readonly recordsSent = this.#counter("records_sent", "Rows given to the sink, resends included.", ["lane"]);
  readonly bytesSent = this.#counter("sent_bytes", "Bytes of the rows given to the sink.", ["lane"]);
  readonly recordsWritten = this.#counter("records_written", "Rows the sink acknowledged.", ["lane"]);
  readonly recordsDropped = this.#counter("records_dropped", "Readings a drop policy let go.", ["source", "reason"]);
  readonly deadLetters = this.#counter("dead_letters", "Readings and rows refused for good.", ["source", "code"]);
  readonly recordsFiltered = this.#counter(
    "records_filtered",
    "Readings and messages that validation let go.",
    ["source", "code"],
  );
  readonly deviceSide = this.#counter(
    "device_side_records",
    "Loss or repetition that the device or broker told of, beside the ledger.",
    ["source", "what"],
  );
  readonly tagFailures = this.#counter("tag_failures", "Times that one tag began to fail.", ["source"]);
  readonly sourceConnects = this.#counter("source_connects", "Times that a source was connected.", ["source"]);
  readonly sourceMoves = this.#counter(
    "source_moves",
    "Times that a source was connected at another of its endpoints than before.",
    ["source"],
  );
  readonly sourceFailures = this.#counter("source_failures", "Failed or lost sessions.", ["source", "code"]);
  readonly sinkConnects = this.#counter("sink_connects", "Times that the way to a table was opened.", ["lane"]);
  readonly sinkFailures = this.#counter("sink_failures", "Failures on the way to a table.", ["lane", "code"]);
  readonly copyDropped = this.#counter("copy_dropped", "Rows that the local copy does not have.", ["lane"]);
  readonly copyFailures = this.#counter("copy_failures", "Failures to write the local copy.", ["lane", "code"]);
  readonly spoolStalls = this.#counter("spool_stalls", "Times that the spool could not be written.", []);
  readonly lostAtCrash = this.#counter(
    "lost_at_crash_records",
    "Rows in memory alone that a kill may have taken, at most.",
    ["table"],
  );
  readonly spoolReplaced = this.#counter(
    "spool_replaced",
    "Spool files that could not be read and were put aside.",
    [],
  );
  readonly salvagedRows = this.#counter("spool_salvaged_records", "Rows read back from damaged spool files.", []);
  readonly salvageLost = this.#counter(
    "spool_salvage_lost_records",
    "Rows and dead letters of damaged spool files that could not be read back.",
    [],
  );
  readonly quarantined = this.#counter("quarantined_records", "Rows in the spool that could not be read.", ["lane"]);
  readonly imbalances = this.#counter("ledger_imbalances", "Times that the ledger was found not to balance.", []);
  readonly streamsOpened = this.#counter("sink_streams_opened", "Streams opened to tables.", ["lane"]);
  readonly streamsEnded = this.#counter("sink_streams_ended", "Streams to tables that ended.", ["lane", "reason"]);
  readonly rotations = this.#counter("sink_rotations", "Times the service announced the end of a stream.", ["lane"]);
  readonly poisonFound = this.#counter("sink_poison_records", "Rows found that ended a stream.", ["lane"]);
  readonly tokenRefreshes = this.#counter("sink_token_refreshes", "Access tokens asked for.", ["result"]);
  readonly recordsPruned = this.#counter("local_records_pruned", "Rows deleted to keep the local file small.", [
    "table",
  ]);
  readonly logLines = this.#counter("log_lines", "Lines written to the log.", ["level"]);
  readonly logLinesLost = this.#counter(
    "log_file_lost_lines",
    "Lines that the log file does not have, as the disk did not take them.",
    [],
  );
  readonly spansSent = this.#counter("trace_spans_sent", "Spans that a collector took.", []);
  readonly spansDropped = this.#counter("trace_spans_dropped", "Spans that no collector has, and why.", ["reason"]);
  readonly acceptDelaySeconds = new DurationFamily(this.#registry, "connector_accept_delay_seconds", {
    help: "Age of the last reading of a group, by the device's clock where it has one, when the group was accepted.",
    label: "protocol",
    buckets: DELIVERY_BUCKETS,
  });
  readonly deliverySeconds = this.#durations(
    "delivery_seconds",
    "Time from accepting readings to the sink's acknowledgement, one observation per acknowledged group.",
    DELIVERY_BUCKETS,
  );
  readonly requestSeconds = this.#durations(
    "sink_request_seconds",
    "Time from writing a request to its acknowledgement.",
    REQUEST_BUCKETS,
  );
  readonly streamOpenSeconds = this.#durations(
    "sink_stream_open_seconds",
    "Time that opening a stream took.",
    REQUEST_BUCKETS,
  );
  readonly loopDelaySeconds = new Histogram({
    name: "connector_event_loop_delay_seconds",
    help: "How late timers fire.",
    buckets: LOOP_BUCKETS,
    registers: [this.#registry],
  });
  readonly sourceState = new StateFamily(this.#registry, "connector_source_state", {
    help: "The state that a source is in.",
    key: "source",
    states: SOURCE_STATES,
  });
  readonly sourceUp = new Gauge({
    name: "connector_source_up",
    help: "1 while a source is connected.",
    labelNames: ["source"],
    registers: [this.#registry],
  });
  readonly endpointInUse = new Gauge({
    name: "connector_source_endpoint_in_use",
    help: "1 for the endpoint at which a source was last connected, 0 for the others that it was connected at.",
    labelNames: ["source", "endpoint"],
    registers: [this.#registry],
  });
  readonly hostClockDoubtful = new Gauge({
    name: "connector_host_clock_doubtful",
    help: "1 while the host's time is known to be wrong; rows accepted meanwhile say so in their labels.",
    registers: [this.#registry],
  });
  readonly failingTags = new Gauge({
    name: "connector_source_failing_tags",
    help: "Tags of a source that give no value now.",
    labelNames: ["source"],
    registers: [this.#registry],
  });
  readonly lastReading = new Gauge({
    name: "connector_source_last_reading_timestamp_seconds",
    help: "When readings of a source were last accepted, Unix time.",
    labelNames: ["source"],
    registers: [this.#registry],
  });
  readonly breakerState = new StateFamily(this.#registry, "connector_breaker_state", {
    help: "The state of a lane's circuit breaker: rows are sent while it is closed.",
    key: "lane",
    states: BREAKER_STATES,
  });

  readonly sinkConnected = new Gauge({
    name: "connector_sink_connected",
    help: "1 while the last attempt to reach a lane's table succeeded.",
    labelNames: ["lane"],
    registers: [this.#registry],
  });

  constructor({ version, startedUs, processUse }: MetricsOptions) {
    this.#processUse = processUse;
    const registers = [this.#registry];
    const build = { name: "connector_build_info", help: "Always 1; the version is its label.", registers };
    new Gauge({ ...build, labelNames: ["version"] }).set({ version }, 1);
    const start = { name: "process_start_time_seconds", help: "When the process started, Unix time.", registers };
    new Gauge(start).set(startedUs / 1e6);
  }

  /** From now on each scrape looks at this buffer, and at where sources and lanes stand. */
  watch(buffer: WatchedBuffer, board: WatchedBoard = this.#board): void {
    this.#buffer = buffer;
    this.#board = board;
  }

  /** The spool takes so many bytes at most. */
  limitSpool(maxBytes: number): void {
    this.#gauges.limitSpool(maxBytes);
  }

  /** When the certificates end that something uses, by name: Unix time in seconds. Those of before are forgotten. */
  certificatesEnd(ends: ReadonlyMap<string, number>): void {
    this.#gauges.certificatesEnd(ends);
  }

  /** The configuration has no such source any more: it is not down, it is not there. Its counters stay, as counters do. */
  forgetSource(source: string): void {
    this.sourceState.remove(source);
    for (const gauge of [this.sourceUp, this.failingTags, this.lastReading]) gauge.remove({ source });
  }

  /** Nothing of the configuration goes to this lane any more. */
  forgetLane(lane: string): void {
    this.breakerState.remove(lane);
    this.sinkConnected.remove({ lane });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Every metric that there may be. */
  described(): readonly DescribedMetric[] {
    return this.#registry.getMetricsAsArray().map((metric) => {
      // Not in the library's types; its own text output reads the same member.
      const labels: unknown = "labelNames" in metric ? metric.labelNames : [];
      const { name, help, type } = metric;
      return { name, help, type: String(type), labels: Array.isArray(labels) ? labels.map(String) : [] };
    });
  }

  /** Everything, in the text format of Prometheus. Looks at buffer and process once. */
  async text(): Promise<string> {
    this.#look();
    return await this.#registry.metrics();
  }

  /** The same as values. */
  async families(): Promise<readonly MetricFamily[]> {
    this.#look();
    const found = await this.#registry.getMetricsAsJSON();
    return found.map(({ name, help, type, values }) => ({
      name,
      help,
      type: String(type),
      values: values.map((each) => ({
        // Of a histogram each series has a name of its own.
        name: "metricName" in each && typeof each.metricName === "string" ? each.metricName : name,
        labels: Object.fromEntries(Object.entries(each.labels).map(([label, text]) => [label, String(text)])),
        value: each.value,
      })),
    }));
  }

  /**
   * Of each of these, the sum of its series that have the labels; undefined where there is no such metric. A histogram has
   * `_sum` and `_count`. Looks at buffer and process once.
   */
  async sums(wanted: readonly WantedMetric[]): Promise<readonly (number | undefined)[]> {
    this.#look();
    return await this.counted(wanted);
  }

  /** The same for what is counted as it happens: nothing is looked at. */
  async counted(wanted: readonly WantedMetric[]): Promise<readonly (number | undefined)[]> {
    return await Promise.all(wanted.map((each) => this.#sumOf(each)));
  }

  async #sumOf({ name, labels }: WantedMetric): Promise<number | undefined> {
    const metric = this.#registry.getSingleMetric(name) ??
      this.#registry.getSingleMetric(name.replace(/_(sum|count)$/, ""));
    if (!metric) return undefined;
    const series = (await metric.get()).values.filter((each) => {
      // Of a histogram each series has a name of its own.
      const own = "metricName" in each && typeof each.metricName === "string" ? each.metricName : name;
      const has = new Map(Object.entries(each.labels));
      return own === name && Object.entries(labels).every(([label, text]) => String(has.get(label)) === text);
    });
    return series.reduce((sum, { value }) => sum + value, 0);
  }

  #look(): void {
    if (this.#buffer) this.#gauges.readBuffer(this.#buffer);
    for (const [source, status] of this.#board.sources) this.#lookAtSource(source, status);
    for (const [lane, { breaker, isConnected }] of this.#board.lanes) {
      if (!this.breakerState.has(lane)) this.breakerState.set(lane, breaker);
      this.sinkConnected.set({ lane }, isConnected ? 1 : 0);
    }
    if (this.#processUse) this.#gauges.readProcess(this.#processUse());
  }

  /** A source that nothing happened to yet is shown too: who asks for what is down must find it. */
  #lookAtSource(source: string, { state, failingTags, lastReadingUs }: SourceStatus): void {
    if (!this.sourceState.has(source)) {
      this.sourceState.set(source, state);
      this.sourceUp.set({ source }, state === "connected" ? 1 : 0);
    }
    this.failingTags.set({ source }, failingTags);
    if (lastReadingUs !== undefined) this.lastReading.set({ source }, lastReadingUs / 1e6);
  }

  #counter<L extends string>(name: string, help: string, labels: readonly L[]): CounterFamily<L> {
    return new CounterFamily(this.#registry, `connector_${name}_total`, { help, labels });
  }

  #durations(name: string, help: string, buckets: readonly number[]): DurationFamily<"lane"> {
    return new DurationFamily(this.#registry, `connector_${name}`, { help, label: "lane", buckets });
  }
}
