import type { MqttMessage } from "./message.ts";

/** A message, and when it came: microseconds since 1970-01-01 UTC. */
export interface Arrival {
  readonly message: MqttMessage;
  readonly arrivedUs: number;
}

export interface InboxLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/**
 * Messages received and not yet taken. QoS 1 and 2 are bounded by what the broker sends without receipts (its in-flight
 * window, and `receive_maximum`); of QoS 0 what comes above the limits is refused. MQTT keeps order within one topic and
 * one QoS (MQTT 5, 4.6), so the two kinds may wait apart.
 */
export class Inbox {
  readonly #limits: InboxLimits;
  #withheld: Arrival[] = [];
  #open: Arrival[] = [];
  #openBytes = 0;

  constructor(limits: InboxLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#withheld.length === 0 && this.#open.length === 0;
  }

  /** False when the message found no room. */
  add(arrival: Arrival): boolean {
    const { qos, payload } = arrival.message;
    if (qos > 0) {
      this.#withheld.push(arrival);
      return true;
    }
    if (this.#open.length >= this.#limits.maxMessages) return false;
    if (this.#openBytes + payload.length > this.#limits.maxBytes) return false;
    this.#openBytes += payload.length;
    this.#open.push(arrival);
    return true;
  }

  /** The oldest QoS 1 and 2 messages, in order of arrival. */
  takeWithheld(max: number): Arrival[] {
    return this.#withheld.splice(0, max);
  }

  /** The oldest QoS 0 messages. */
  takeOpen(max: number): Arrival[] {
    const taken = this.#open.splice(0, max);
    for (const { message } of taken) this.#openBytes -= message.payload.length;
    return taken;
  }

  /** Forgets QoS 1 and 2 messages: the broker sends them again. */
  dropWithheld(): void {
    this.#withheld = [];
  }
}
