import { labelColumns, OPCUA, type OpcuaRow, rowEncoder } from "../../bronze/mod.ts";
import type { Encode, SourceConfig } from "../../core/source.ts";
import type { OpcuaReading, OpcuaTag } from "./reading.ts";
import type { OpcuaSettings } from "./settings.ts";

/** Bronze rows of one source. What is the same in all rows of a tag is encoded once per tag. */
export function opcuaEncoder(config: SourceConfig<OpcuaSettings>): Encode<OpcuaReading> {
  // By tag object, so that tags of an earlier session are let go with it.
  const encoders = new WeakMap<OpcuaTag, ReturnType<typeof rowEncoder<OpcuaRow>>>();
  return (reading, stamp) => {
    let encode = encoders.get(reading.from);
    if (!encode) encoders.set(reading.from, encode = rowEncoder(OPCUA, constantsOf(config, reading.from)));
    return encode(rowOf(reading), stamp);
  };
}

function constantsOf(config: SourceConfig<OpcuaSettings>, tag: OpcuaTag): Partial<OpcuaRow> {
  return {
    source_name: config.name,
    endpoint: config.endpoint,
    namespace: tag.namespace,
    node_id: tag.nodeId,
    ...(tag.browsePath === undefined ? {} : { browse_path: tag.browsePath }),
    ...labelColumns(OPCUA, { ...config.labels, ...tag.labels }),
  };
}

function rowOf({ eventTimeUs, value }: OpcuaReading): OpcuaRow {
  const row: OpcuaRow = { event_time: eventTimeUs, status_code: value.statusCode, status: value.status };
  if (value.valueType !== undefined) row.value_type = value.valueType;
  if (value.text !== undefined) row.value = value.text;
  if (value.number !== undefined) row.value_num = value.number;
  if (value.raw !== undefined) row.raw = value.raw;
  if (value.sourceTimeUs !== undefined) row.source_time = value.sourceTimeUs;
  if (value.serverTimeUs !== undefined) row.server_time = value.serverTimeUs;
  return row;
}
