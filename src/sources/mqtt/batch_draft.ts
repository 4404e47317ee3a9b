import type { Refusal } from "../../core/reading.ts";
import type { MqttReading } from "./reading.ts";

/** What rows of a batch may weigh together: one more is always taken. */
const MAX_WEIGHT = 8_388_608;
/** Of a row or a dead letter, whatever it holds. */
const ROW_WEIGHT = 256;

/**
 * A batch in the making. Messages are counted by their length when they are taken from the inbox; but a few bytes of one
 * can become long text, or many rows, so that what they became is weighed too: in characters, and in bytes that a
 * payload was unpacked to.
 */
export class BatchDraft {
  readonly readings: MqttReading[] = [];
  readonly refusals: Refusal[] = [];
  #weight = 0;

  get isFull(): boolean {
    return this.#weight >= MAX_WEIGHT;
  }

  add(reading: MqttReading): void {
    const { tag, from, text, payload } = reading;
    this.weigh(ROW_WEIGHT + tag.length + from.topic.length + (text?.length ?? 0) + (payload?.length ?? 0));
    this.readings.push(reading);
  }

  refuse(refusal: Refusal): void {
    this.weigh(ROW_WEIGHT + refusal.payload.length);
    this.refusals.push(refusal);
  }

  /** What is held, or was done, besides. */
  weigh(weight: number): void {
    this.#weight += weight;
  }
}
