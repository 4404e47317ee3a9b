import type { Batch, Refusal } from "../../core/reading.ts";
import { checkSize, decodeMessage, refusalOf } from "./decode.ts";
import type { Arrival } from "./inbox.ts";
import type { MqttReading } from "./reading.ts";
import type { SparkplugDecoder } from "./sparkplug/decoder.ts";
import type { Taken } from "./sparkplug/taken.ts";
import type { TopicRule, TopicRules } from "./topic_rules.ts";

export interface BatchOptions {
  readonly rules: TopicRules;
  readonly maxPayloadBytes: number;
  /** Set where a rule has the format sparkplug_b. */
  readonly sparkplug?: SparkplugDecoder | undefined;
  /** What becomes of the receipts; undefined for QoS 0, where none are owed. */
  readonly settle?: ((outcome: "acked" | "nacked") => void) | undefined;
}

/** Messages of one kind, decoded. One that cannot be decoded is a refusal of the batch: it blocks nothing. */
export function batchOf(arrivals: readonly Arrival[], options: BatchOptions): Batch<MqttReading> {
  const { rules, maxPayloadBytes, settle, sparkplug } = options;
  const readings: MqttReading[] = [];
  const refusals: Refusal[] = [];
  for (const { message, arrivedUs } of arrivals) {
    const rule = rules.of(message.topic);
    if (sparkplug && rule.settings.format === "sparkplug_b") {
      const { readings: metrics, refusal } = decodeSparkplug({ message, arrivedUs }, {
        rule,
        maxPayloadBytes,
        sparkplug,
      });
      for (const reading of metrics) readings.push(reading);
      if (refusal) refusals.push(refusal);
      continue;
    }
    const decoded = decodeMessage(message, { rule, arrivedUs, maxPayloadBytes });
    if (decoded.refusal) refusals.push(decoded.refusal);
    else for (const reading of decoded.readings) readings.push(reading);
  }
  return {
    readings,
    refusals,
    isWithheld: settle !== undefined,
    ack: () => settle?.("acked"),
    nack: () => settle?.("nacked"),
  };
}

/** Never throws, whatever the payload. */
function decodeSparkplug(
  { message, arrivedUs }: Pick<Arrival, "message" | "arrivedUs">,
  { rule, maxPayloadBytes, sparkplug }: { rule: TopicRule; maxPayloadBytes: number; sparkplug: SparkplugDecoder },
): Taken {
  try {
    checkSize(message, maxPayloadBytes);
    return sparkplug.take(message, rule, arrivedUs);
  } catch (error) {
    return { readings: [], refusal: refusalOf(message, { maxPayloadBytes, arrivedUs }, error) };
  }
}
