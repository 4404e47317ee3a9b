import type { Batch } from "../../core/reading.ts";
import { BatchDraft } from "./batch_draft.ts";
import { checkSize, decodeMessage, refusalOf } from "./decode.ts";
import type { Arrival } from "./inbox.ts";
import type { MqttReading } from "./reading.ts";
import { type Settle, SharedOutcome } from "./shared_outcome.ts";
import type { SparkplugDecoder } from "./sparkplug/decoder.ts";
import type { Taken } from "./sparkplug/taken.ts";
import type { TopicRule, TopicRules } from "./topic_rules.ts";

export interface BatchOptions {
  readonly rules: TopicRules;
  readonly maxPayloadBytes: number;
  /** Set where a rule has the format sparkplug_b. */
  readonly sparkplug?: SparkplugDecoder | undefined;
  /** What becomes of the receipts; undefined for QoS 0, where none are owed. */
  readonly settle?: Settle | undefined;
}

/**
 * Messages of one kind, decoded: most often one batch, and more where they become much. What no batch has yet is decoded
 * when the next one is asked for. A message that cannot be decoded is a refusal of its batch: it blocks nothing.
 */
export function* batchesOf(
  arrivals: readonly Arrival[],
  options: BatchOptions,
): Generator<Batch<MqttReading>, undefined> {
  const { settle, sparkplug } = options;
  const outcome = settle && new SharedOutcome(settle);
  let draft = new BatchDraft();
  const handOver = (isLast: boolean) => {
    const batch = batchOf(draft, outcome?.share({ isLast }));
    draft = new BatchDraft();
    return batch;
  };
  for (const arrival of arrivals) {
    if (draft.isFull) yield handOver(false);
    const unpackedBefore = sparkplug?.unpackedBytes ?? 0;
    const { readings, refusal } = decoded(arrival, options);
    for (const reading of readings) {
      if (draft.isFull) yield handOver(false);
      draft.add(reading);
    }
    if (refusal) draft.refuse(refusal);
    if (sparkplug) draft.weigh(sparkplug.unpackedBytes - unpackedBefore);
  }
  yield handOver(true);
}

function batchOf({ readings, refusals }: BatchDraft, settle: Settle | undefined): Batch<MqttReading> {
  return {
    readings,
    refusals,
    isWithheld: settle !== undefined,
    ack: () => settle?.("acked"),
    nack: () => settle?.("nacked"),
  };
}

function decoded({ message, arrivedUs }: Arrival, { rules, maxPayloadBytes, sparkplug }: BatchOptions): Taken {
  const rule = rules.of(message.topic);
  if (sparkplug && rule.settings.format === "sparkplug_b") {
    return decodeSparkplug({ message, arrivedUs }, { rule, maxPayloadBytes, sparkplug });
  }
  const { readings = [], refusal } = decodeMessage(message, { rule, arrivedUs, maxPayloadBytes });
  return refusal ? { readings, refusal } : { readings };
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
