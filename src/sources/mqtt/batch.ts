import type { Batch, Refusal } from "../../core/reading.ts";
import { decodeMessage } from "./decode.ts";
import type { Arrival } from "./inbox.ts";
import type { MqttReading } from "./reading.ts";
import type { TopicRules } from "./topic_rules.ts";

export interface BatchOptions {
  readonly rules: TopicRules;
  readonly maxPayloadBytes: number;
  /** What becomes of the receipts; undefined for QoS 0, where none are owed. */
  readonly settle?: ((outcome: "acked" | "nacked") => void) | undefined;
}

/** Messages of one kind, decoded. One that cannot be decoded is a refusal of the batch: it blocks nothing. */
export function batchOf(arrivals: readonly Arrival[], options: BatchOptions): Batch<MqttReading> {
  const { rules, maxPayloadBytes, settle } = options;
  const readings: MqttReading[] = [];
  const refusals: Refusal[] = [];
  for (const { message, arrivedUs } of arrivals) {
    const decoded = decodeMessage(message, { rule: rules.of(message.topic), arrivedUs, maxPayloadBytes });
    if (decoded.reading) readings.push(decoded.reading);
    else refusals.push(decoded.refusal);
  }
  return {
    readings,
    refusals,
    isWithheld: settle !== undefined,
    ack: () => settle?.("acked"),
    nack: () => settle?.("nacked"),
  };
}
