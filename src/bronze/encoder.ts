import type { ClockDoubt } from "../core/clock.ts";
import type { Stamp } from "../core/reading.ts";
import { ProtoWriter } from "../lib/proto_writer.ts";
import type { BronzeMessage } from "./message.ts";

/** The columns that every bronze message fills from the stamp. */
interface Stamped {
  ingest_time?: number | bigint;
  edge_id?: string;
  boot_epoch?: number | bigint;
  seq?: number | bigint;
  labels?: string;
}

const writer = new ProtoWriter();

/** `row` as wire format. */
export function encodeRow<R>(message: BronzeMessage<R>, row: R): Uint8Array<ArrayBuffer> {
  return writer.message(() => message.write(writer, row));
}

/**
 * An encoder for the rows of one source. What is the same in all of them (`constants`: source name, labels, …) is
 * encoded here, once, and copied before the rest; protobuf fields may stand in any order.
 */
export function rowEncoder<R extends Stamped>(
  message: BronzeMessage<R>,
  constants: Partial<R>,
): (row: R, stamp: Stamp) => Uint8Array {
  const prefix = encodeRow(message, constants as R); // every field of a row is optional
  const { labels, ...others } = constants;
  const unlabelled = encodeRow(message, others as R);
  return (row, stamp) => {
    if (stamp.clockDoubt !== undefined) row.labels = withDoubt(row.labels ?? labels, stamp.clockDoubt);
    row.ingest_time = stamp.ingestTimeUs;
    row.edge_id = stamp.edgeId;
    row.boot_epoch = stamp.bootEpoch;
    row.seq = stamp.seq;
    return writer.message(() => {
      writer.raw(row.labels === undefined ? prefix : unlabelled);
      message.write(writer, row);
    });
  };
}

/** The labels of a row, as JSON, with why its host's clock is not to be trusted. */
function withDoubt(labels: string | undefined, doubt: ClockDoubt): string {
  return JSON.stringify({ ...JSON.parse(labels ?? "{}"), [CLOCK_LABEL]: doubt });
}

/** The label of rows whose host had a wrong clock; it takes the place of one of that name that a person chose. */
export const CLOCK_LABEL = "host_clock";

/**
 * What every protocol's encoder fills in every row: the stamp, the time, and the source's name, which is never empty. No
 * label takes the place of one.
 */
export const ALWAYS_FILLED: readonly string[] = [
  "event_time",
  "source_name",
  "ingest_time",
  "edge_id",
  "boot_epoch",
  "seq",
];

/** Columns that say what the device or its address is: a label of such a name would put a person's words in its mouth. */
const DEVICES_OWN: readonly string[] = [
  "endpoint",
  "node_id",
  "browse_path",
  "status",
  "value_type",
  "value",
  "topic",
  "sensor_name",
  "value_string",
  "register_type",
];

/** The labels of a source as bronze constants: the columns of the same names, and all of them as JSON. */
export function labelColumns<R>(
  message: BronzeMessage<R>,
  labels: Readonly<Record<string, string>>,
): Partial<R> & { labels?: string } {
  const columns = new Set(message.fields.filter((field) => field.type === "string").map((field) => field.name));
  for (const name of ["labels", ...ALWAYS_FILLED, ...DEVICES_OWN]) columns.delete(name);
  const own = Object.entries(labels).filter(([name]) => columns.has(name));
  const all = Object.keys(labels).length > 0 ? { labels: JSON.stringify(labels) } : {};
  return { ...Object.fromEntries(own), ...all } as Partial<R> & { labels?: string }; // names were checked against the columns
}
