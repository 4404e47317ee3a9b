import { ProtoWriter } from "../../../lib/proto_writer.ts";
import type { Metric, SparkplugPayload } from "./payload.ts";

/** A payload that holds only `metrics`, as they came, for the dead letter of those that are no rows. */
export function payloadOf(metrics: readonly Metric[], { timestampMs, seq }: SparkplugPayload): Uint8Array {
  const writer = new ProtoWriter(1024);
  if (timestampMs !== undefined) writer.int64(1 << 3, timestampMs);
  for (const { bytes } of metrics) writer.bytes((2 << 3) | 2, bytes);
  if (seq !== undefined) writer.int64(3 << 3, seq);
  return writer.finish();
}
