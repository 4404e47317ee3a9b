import { checkSize, type DecodeOptions } from "../decode.ts";
import type { MqttMessage } from "../message.ts";
import type { MqttReading } from "../reading.ts";
import { SparkplugDecoder } from "./decoder.ts";
import { KnownNodes } from "./known_nodes.ts";

/**
 * A message that was refused before, and of which only topic and payload were kept. It is read for itself: what births
 * said is not known, so that each metric has to give its name.
 * @throws {DecodeError} where one metric of it cannot be read
 */
export function decodeKeptSparkplug(
  kept: Pick<MqttMessage, "topic" | "payload">,
  { rule, arrivedUs, maxPayloadBytes, maxMetrics }: DecodeOptions & { readonly maxMetrics: number },
): readonly MqttReading[] {
  const message = { ...kept, payloadBytes: kept.payload.length, qos: undefined, isRetained: undefined };
  checkSize(message, maxPayloadBytes);
  const nodes = new KnownNodes({ maxNodes: 1, maxMetrics });
  const onBirthMissing = () => ({ state: "replayed" } as const);
  const decoder = new SparkplugDecoder(nodes, { maxMetrics, maxPayloadBytes, report() {}, onBirthMissing });
  const { readings, refusal } = decoder.take(message, rule, arrivedUs);
  if (refusal) throw refusal.reason;
  return [...readings];
}
