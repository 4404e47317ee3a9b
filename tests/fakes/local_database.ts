import { DatabaseSync } from "node:sqlite";
import { encodeRow, MQTT, type MqttRow } from "../../src/bronze/mod.ts";
import { laneTo } from "../../src/core/lane.ts";
import type { SinkEvent } from "../../src/core/event.ts";
import type { Row } from "../../src/core/reading.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { LocalDatabase } from "../../src/sinks/local/mod.ts";

export const LOCAL_LANE = laneTo("iot.bronze.mqtt", MQTT.name);

/** A local database in a home directory of its own, which goes when it does. */
export class LocalStand implements Disposable {
  readonly home: string = Deno.makeTempDirSync({ prefix: "local-sink-" });
  readonly path: string = `${this.home}/data/local.db`;
  readonly events: SinkEvent[] = [];
  readonly database: LocalDatabase;

  constructor(maxSizeMb = 16) {
    this.database = this.open(maxSizeMb);
  }

  /** The same file once more, as after a restart. */
  open(maxSizeMb = 16): LocalDatabase {
    return new LocalDatabase({ path: "data/local.db", max_size_mb: maxSizeMb }, {
      home: this.home,
      clock: systemClock,
      reportSink: (event) => void this.events.push(event),
    });
  }

  /** Asks the file by a connection of its own, as a person would. */
  query(sql: string): Record<string, unknown>[] {
    const db = new DatabaseSync(this.path, { readOnly: true });
    try {
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      return statement.all().map((row) => ({ ...row }));
    } finally {
      db.close();
    }
  }

  [Symbol.dispose](): void {
    this.database[Symbol.dispose]();
    Deno.removeSync(this.home, { recursive: true });
  }
}

/** An MQTT row with this number and these columns. */
export function localRow(seq: number, columns: MqttRow = {}): Row {
  const identity = { edgeId: "edge-1", bootEpoch: 1_700_000_000, seq };
  const bytes = encodeRow(MQTT, { topic: "a/b", ...columns, edge_id: "edge-1", boot_epoch: 1_700_000_000, seq });
  return { lane: LOCAL_LANE.id, source: "press", tag: "t", bytes, ...identity };
}

export function localRows(from: number, count: number, columns?: MqttRow): Row[] {
  return Array.from({ length: count }, (_, index) => localRow(from + index, columns));
}
