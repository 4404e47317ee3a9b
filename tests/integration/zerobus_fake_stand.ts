import { encodeRow, MQTT } from "../../src/bronze/mod.ts";
import { laneTo } from "../../src/core/lane.ts";
import type { Row } from "../../src/core/reading.ts";
import type { Sink } from "../../src/core/sink.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type ZerobusEvent, ZerobusWorkspace } from "../../src/sinks/zerobus/mod.ts";
import { zerobusSettings } from "../../src/sinks/zerobus/spec.ts";
import { FakeLogger } from "../fakes/logger.ts";
import { startZerobus, type ZerobusOptions, type ZerobusPeer } from "../peers/zerobus/mod.ts";

/** The table that the stand's sink writes. */
export const TABLE = "iot_data.bronze.mqtt_bronze";

const LANE = laneTo(TABLE, MQTT.name);

/** A whole MQTT row; its `seq` tells it from others. */
export function bronzeRow(seq: number, more: Parameters<typeof encodeRow<Record<string, unknown>>>[1] = {}): Row {
  const values = { event_time: 1_700_000_000_000_000 + seq, topic: "plant/oven", sensor_name: "oven", value: seq / 2 };
  const bytes = encodeRow(MQTT, { ...values, qos: 1, retain: false, edge_id: "e", boot_epoch: 1, seq, ...more });
  return { lane: LANE.id, source: "press", tag: "oven", edgeId: "e", bootEpoch: 1, seq, bytes };
}

export function bronzeRows(from: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => bronzeRow(from + index));
}

export interface FakeStandOptions extends ZerobusOptions {
  /** `zerobus.connection` of the sink. */
  readonly connection?: object;
}

/** A fake workspace, and our sink that writes to it. */
export class FakeStand implements AsyncDisposable {
  readonly zerobus: ZerobusPeer;
  readonly sink: Sink;
  readonly events: ZerobusEvent[] = [];
  readonly log = new FakeLogger();
  readonly #workspace: ZerobusWorkspace;
  readonly #home: string;

  private constructor(zerobus: ZerobusPeer, home: string, connection: object) {
    this.zerobus = zerobus;
    this.#home = home;
    const settings = zerobusSettings.parse({
      workspace_host: zerobus.workspaceHost,
      zerobus_endpoint: zerobus.zerobusEndpoint,
      workspace_id: zerobus.workspaceId,
      auth: { client_id: zerobus.clientId, client_secret: zerobus.clientSecret },
      connection,
    });
    this.#workspace = new ZerobusWorkspace(settings, {
      clock: systemClock,
      log: this.log,
      version: "1.2.3",
      home,
      extraRoots: zerobus.caPem,
      proxy: undefined,
      report: (event) => void this.events.push(event),
    });
    this.sink = this.#workspace.sink(LANE, MQTT);
  }

  static async start({ connection = {}, ...options }: FakeStandOptions = {}): Promise<FakeStand> {
    return new FakeStand(await startZerobus(options), await Deno.makeTempDir(), connection);
  }

  /** The `seq` of what is stored, in the order it came. */
  get stored(): number[] {
    return this.zerobus.rows(TABLE).map((row) => Number(row["seq"]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sink[Symbol.asyncDispose]();
    this.#workspace[Symbol.dispose]();
    await this.zerobus[Symbol.asyncDispose]();
    await Deno.remove(this.#home, { recursive: true });
  }
}
