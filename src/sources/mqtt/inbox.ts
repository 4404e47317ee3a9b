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

/** What a message takes beside its payload, roughly. */
const MESSAGE_BYTES = 256;

/**
 * Messages received and not yet taken. QoS 1 and 2 are never refused: above the limit `isOverfull` says to leave the rest
 * with the broker. Of QoS 0 what comes above the limits is refused. MQTT keeps order within one topic and one QoS (MQTT
 * 5, 4.6), so the two kinds may wait apart.
 */
export class Inbox {
  readonly #limits: InboxLimits;
  #withheld: Arrival[] = [];
  #open: Arrival[] = [];
  #openBytes = 0;
  #withheldBytes = 0;

  constructor(limits: InboxLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#withheld.length === 0 && this.#open.length === 0;
  }

  /** More QoS 1 and 2 messages wait than should, though none was refused. */
  get isOverfull(): boolean {
    return this.#withheldBytes > this.#limits.maxBytes;
  }

  /** Half of what may wait is free again. */
  get hasRoom(): boolean {
    return this.#withheldBytes <= this.#limits.maxBytes / 2;
  }

  /** False when the message found no room. */
  add(arrival: Arrival): boolean {
    const { qos, payload } = arrival.message;
    if (qos > 0) {
      this.#withheldBytes += payload.length + MESSAGE_BYTES;
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
    const taken = this.#withheld.splice(0, max);
    for (const { message } of taken) this.#withheldBytes -= message.payload.length + MESSAGE_BYTES;
    return taken;
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
    this.#withheldBytes = 0;
  }
}
