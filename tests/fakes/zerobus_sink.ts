import { encodeRow, MQTT } from "../../src/bronze/mod.ts";
import { ProtoReader } from "../../src/lib/proto_reader.ts";
import { laneTo } from "../../src/core/lane.ts";
import type { Row } from "../../src/core/reading.ts";
import type { Sink } from "../../src/core/sink.ts";
import { Secret } from "../../src/lib/secret.ts";
import type { ZerobusEvent } from "../../src/sinks/zerobus/event.ts";
import { StreamOpener } from "../../src/sinks/zerobus/opener.ts";
import { ZerobusSink } from "../../src/sinks/zerobus/sink.ts";
import { TokenCache } from "../../src/sinks/zerobus/token.ts";
import { FakeClock } from "./clock.ts";
import { FakeIngest } from "./zerobus_ingest.ts";

export const LANE = laneTo("iot.bronze.mqtt", MQTT.name);

/** An MQTT row whose published bytes tell its number. */
export function mqttRow(seq: number, tag = "t"): Row {
  const bytes = encodeRow(MQTT, { timestamp_ms: seq, topic: tag });
  return { lane: LANE.id, source: "press", tag, edgeId: "e", bootEpoch: 1, seq, bytes };
}

export function mqttRows(from: number, count: number, tag = "t"): Row[] {
  return Array.from({ length: count }, (_, index) => mqttRow(from + index, tag));
}

/** The number in the bytes of an `mqttRow`. */
export function numberIn(bytes: Uint8Array): number {
  const field = new ProtoReader(bytes);
  while (field.next()) if (field.number === 11) return Number(field.int64());
  return -1;
}

export interface FakeSinkOptions {
  readonly shards?: number;
  readonly maxInFlightBytes?: number;
  readonly clock?: FakeClock;
}

export interface FakeZerobusSink {
  readonly sink: Sink;
  readonly ingest: FakeIngest;
  readonly events: readonly ZerobusEvent[];
  readonly clock: FakeClock;
  /** The numbers in what the service stored. */
  readonly stored: () => number[];
}

/** A Zerobus sink that writes to a service without a network. Tokens are `t1`, `t2`, … */
export function fakeZerobusSink(options: FakeSinkOptions = {}): FakeZerobusSink {
  const { shards = 1, maxInFlightBytes = 16 << 20, clock = new FakeClock() } = options;
  const ingest = new FakeIngest();
  const events: ZerobusEvent[] = [];
  const report = (event: ZerobusEvent) => void events.push(event);
  let granted = 0;
  const request = () =>
    Promise.resolve({ status: 200, text: JSON.stringify({ access_token: `t${++granted}`, expires_in: 3600 }) });
  const tokens = new TokenCache({
    endpoint: new URL("https://ws.example/token"),
    workspaceId: "1",
    clientId: "id",
    clientSecret: new Secret("s"),
    http: { request },
    clock,
    report,
  });
  const opener = new StreamOpener({
    lane: LANE,
    message: MQTT as never, // only name and fields are read
    channels: ingest,
    tokens,
    columns: undefined,
    clock,
    openMs: 15_000,
    ackTimeoutMs: 60_000,
    report,
  });
  const sink = new ZerobusSink({ opener, lane: LANE, maxInFlightBytes, clock, report, shards });
  const stored = () => ingest.stored.map(numberIn);
  return { sink, ingest, events, clock, stored };
}
