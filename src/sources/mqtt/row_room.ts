import { DecodeError } from "../../core/error.ts";
import type { MqttReading } from "./reading.ts";

/** What rows of one message may repeat together, in characters: topic, names, units and texts. */
const MAX_REPEATED = 32_000_000;

/**
 * What the rows of one message take together. Every row has the topic, and a path from `$` gives each the same text: a
 * megabyte could become gigabytes.
 */
export class RowRoom {
  readonly #topic: string;
  readonly #most: number;
  #taken = 0;

  /** `payloadBytes`: of the message; its members stand in its rows as payload and as text. */
  constructor({ topic, payloadBytes }: { readonly topic: string; readonly payloadBytes: number }) {
    this.#topic = topic;
    this.#most = MAX_REPEATED + 2 * payloadBytes;
  }

  /** One more row. @throws {DecodeError} where it is too much */
  take({ from, text, payload }: Pick<MqttReading, "from" | "text" | "payload">): void {
    const texts = [from.name, from.topic, from.sensorName, from.sensorType, from.unit, text];
    this.#taken += texts.reduce((sum, each) => sum + (each?.length ?? 0), payload?.length ?? 0);
    if (this.#taken <= this.#most) return;
    throw new DecodeError(
      "mqtt_rows_too_long",
      `Payload of topic ${this.#topic} becomes rows of more than ${this.#most} characters together: ` +
        "publish fewer rows at once, or less text that each of them repeats (the paths that begin with $)",
    );
  }
}
