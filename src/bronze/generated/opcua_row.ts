// Made by `deno task gen` from protos/opcua_bronze.proto. Do not edit.
import type { ProtoWriter } from "../../lib/proto_writer.ts";
import type { BronzeMessage } from "../message.ts";

/** One value of one OPC UA node. Every field is optional: unset means unknown (NULL in the table). Times are microseconds since 1970-01-01 UTC. */
export interface OpcuaRow {
  /** When it was so: source timestamp, else server timestamp, else arrival. Microseconds since 1970-01-01 UTC. */
  event_time?: number | bigint;
  /** When the connector accepted it. Microseconds since 1970-01-01 UTC. */
  ingest_time?: number | bigint;
  /** Name of the source in the connector's configuration. */
  source_name?: string;
  /** Address of the server. */
  endpoint?: string;
  /** Namespace index of the node id. */
  namespace?: number;
  /** Node id as configured or found, for example ns=2;s=Temperature. */
  node_id?: string;
  /** Path from the Root folder, where it is known. */
  browse_path?: string;
  /** The full unsigned 32-bit status code. */
  status_code?: number | bigint;
  /** Symbolic name of the status code: Good, BadNodeIdUnknown. */
  status?: string;
  /** Built-in type, with [] for arrays: Double, Int32[]. */
  value_type?: string;
  /** The value as text that loses nothing. */
  value?: string;
  /** The value as a number; numbers and booleans only. */
  value_num?: number;
  /** OPC UA binary encoding of the Variant. */
  raw?: Uint8Array;
  /** Label of the source. */
  plc_name?: string;
  /** Label of the source. */
  plc_vendor?: string;
  /** Label of the source. */
  plc_model?: string;
  /** Extras: sent only to a table that has the column. */
  source_time?: number | bigint;
  /** Server timestamp. Microseconds since 1970-01-01 UTC. */
  server_time?: number | bigint;
  /** The installation that made the row. */
  edge_id?: string;
  /** Which start of that installation made it. */
  boot_epoch?: number | bigint;
  /** Which row of that start for this table. */
  seq?: number | bigint;
  /** Labels of the source, as a JSON object. */
  labels?: string;
}

export const OPCUA: BronzeMessage<OpcuaRow> = {
  name: "OPCUABronzeRecord",
  fields: [
    { number: 1, name: "event_time", type: "int64", isPublished: true },
    { number: 2, name: "ingest_time", type: "int64", isPublished: true },
    { number: 3, name: "source_name", type: "string", isPublished: true },
    { number: 4, name: "endpoint", type: "string", isPublished: true },
    { number: 5, name: "namespace", type: "int32", isPublished: true },
    { number: 6, name: "node_id", type: "string", isPublished: true },
    { number: 7, name: "browse_path", type: "string", isPublished: true },
    { number: 8, name: "status_code", type: "int64", isPublished: true },
    { number: 9, name: "status", type: "string", isPublished: true },
    { number: 10, name: "value_type", type: "string", isPublished: true },
    { number: 11, name: "value", type: "string", isPublished: true },
    { number: 12, name: "value_num", type: "double", isPublished: true },
    { number: 13, name: "raw", type: "bytes", isPublished: true },
    { number: 14, name: "plc_name", type: "string", isPublished: true },
    { number: 15, name: "plc_vendor", type: "string", isPublished: true },
    { number: 16, name: "plc_model", type: "string", isPublished: true },
    { number: 17, name: "source_time", type: "int64", isPublished: false },
    { number: 18, name: "server_time", type: "int64", isPublished: false },
    { number: 20, name: "edge_id", type: "string", isPublished: false },
    { number: 21, name: "boot_epoch", type: "int64", isPublished: false },
    { number: 22, name: "seq", type: "int64", isPublished: false },
    { number: 23, name: "labels", type: "string", isPublished: false },
  ],
  write: writeOpcuaRow,
};

function writeOpcuaRow(writer: ProtoWriter, row: OpcuaRow): void {
  if (row.event_time !== undefined) writer.int64(8, row.event_time);
  if (row.ingest_time !== undefined) writer.int64(16, row.ingest_time);
  if (row.source_name !== undefined) writer.string(26, row.source_name);
  if (row.endpoint !== undefined) writer.string(34, row.endpoint);
  if (row.namespace !== undefined) writer.int32(40, row.namespace);
  if (row.node_id !== undefined) writer.string(50, row.node_id);
  if (row.browse_path !== undefined) writer.string(58, row.browse_path);
  if (row.status_code !== undefined) writer.int64(64, row.status_code);
  if (row.status !== undefined) writer.string(74, row.status);
  if (row.value_type !== undefined) writer.string(82, row.value_type);
  if (row.value !== undefined) writer.string(90, row.value);
  if (row.value_num !== undefined) writer.double(97, row.value_num);
  if (row.raw !== undefined) writer.bytes(106, row.raw);
  if (row.plc_name !== undefined) writer.string(114, row.plc_name);
  if (row.plc_vendor !== undefined) writer.string(122, row.plc_vendor);
  if (row.plc_model !== undefined) writer.string(130, row.plc_model);
  if (row.source_time !== undefined) writer.int64(136, row.source_time);
  if (row.server_time !== undefined) writer.int64(144, row.server_time);
  if (row.edge_id !== undefined) writer.string(162, row.edge_id);
  if (row.boot_epoch !== undefined) writer.int64(168, row.boot_epoch);
  if (row.seq !== undefined) writer.int64(176, row.seq);
  if (row.labels !== undefined) writer.string(186, row.labels);
}
