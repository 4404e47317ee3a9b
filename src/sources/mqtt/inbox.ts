import type { MqttMessage } from "./message.ts";

/** A message, and when it came: microseconds since 1970-01-01 UTC. */
export interface Arrival {
  readonly message: MqttMessage;
  readonly arrivedUs: number;
  /** Grows with every message of the session. */
  readonly order: number;
}

export interface InboxLimits {
  /** Of QoS 0. */
  readonly maxMessages: number;
  /** Of QoS 0: payloads and topics. */
  readonly maxBytes: number;
  /** Of QoS 1 and 2, see `isOverfull`. */
  readonly maxWithheldBytes: number;
}

/** How much is taken at once. One message is, however long. */
export interface TakeLimits {
  readonly messages: number;
  readonly bytes: number;
  /** Only messages that came before this one. */
  readonly before?: number;
}

/** What a message takes beside its payload and topic, roughly. */
const MESSAGE_BYTES = 256;

/** One kind of messages, oldest first. */
class Queue {
  #arrivals: Arrival[] = [];
  /** Of payloads and topics. */
  #textBytes = 0;

  get length(): number {
    return this.#arrivals.length;
  }

  get textBytes(): number {
    return this.#textBytes;
  }

  get bytes(): number {
    return this.#textBytes + this.#arrivals.length * MESSAGE_BYTES;
  }

  /** Of the oldest; without one, that of a message after all others. */
  get order(): number {
    return this.#arrivals[0]?.order ?? Infinity;
  }

  push(arrival: Arrival): void {
    this.#textBytes += bytesOf(arrival);
    this.#arrivals.push(arrival);
  }

  take({ messages, bytes, before = Infinity }: TakeLimits): Arrival[] {
    const most = Math.min(messages, this.#arrivals.length);
    let count = 0;
    let taken = 0;
    while (count < most) {
      const arrival = this.#arrivals[count]!; // within the array
      const next = bytesOf(arrival);
      if (arrival.order >= before || (count > 0 && taken + next > bytes)) break;
      taken += next;
      count++;
    }
    this.#textBytes -= taken;
    return this.#arrivals.splice(0, count);
  }

  clear(): void {
    this.#arrivals = [];
    this.#textBytes = 0;
  }
}

/**
 * Messages received and not yet taken. QoS 1 and 2 are never refused: above the limit `isOverfull` says to leave the rest
 * with the broker. Of QoS 0 what comes above the limits is refused. MQTT keeps order within one topic and one QoS (MQTT
 * 5, 4.6), so the two kinds may wait apart.
 */
export class Inbox {
  readonly #limits: InboxLimits;
  readonly #withheld = new Queue();
  readonly #open = new Queue();

  constructor(limits: InboxLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#withheld.length === 0 && this.#open.length === 0;
  }

  /** More QoS 1 and 2 messages wait than should, though none was refused. */
  get isOverfull(): boolean {
    return this.#withheld.bytes > this.#limits.maxWithheldBytes;
  }

  /** Half of what may wait is free again. */
  get hasRoom(): boolean {
    return this.#withheld.bytes <= this.#limits.maxWithheldBytes / 2;
  }

  /** False when the message found no room. */
  add(arrival: Arrival): boolean {
    if (arrival.message.qos === 0 && !this.#hasRoomFor(arrival)) return false;
    const queue = arrival.message.qos > 0 ? this.#withheld : this.#open;
    queue.push(this.#isFilling ? withOwnPayload(arrival) : arrival);
    return true;
  }

  /** The oldest QoS 1 and 2 messages, in order of arrival. */
  takeWithheld(limits: TakeLimits): Arrival[] {
    return this.#withheld.take(limits);
  }

  /** The oldest QoS 0 messages. */
  takeOpen(limits: TakeLimits): Arrival[] {
    return this.#open.take(limits);
  }

  /** The order of the oldest message of this kind; infinite where none waits. */
  get orderOfWithheld(): number {
    return this.#withheld.order;
  }

  get orderOfOpen(): number {
    return this.#open.order;
  }

  /** Forgets QoS 1 and 2 messages: the broker sends them again. */
  dropWithheld(): void {
    this.#withheld.clear();
  }

  /** Messages of QoS 0 may soon be refused, or are already. */
  get #isFilling(): boolean {
    const { maxMessages, maxBytes } = this.#limits;
    return this.#open.length >= maxMessages / 2 || this.#open.textBytes >= maxBytes / 2;
  }

  #hasRoomFor(arrival: Arrival): boolean {
    const { maxMessages, maxBytes } = this.#limits;
    return this.#open.length < maxMessages && this.#open.textBytes + bytesOf(arrival) <= maxBytes;
  }
}

/**
 * Payloads are views onto what the socket gave, 64 KiB at a time. Where most of that is refused, the few that are taken
 * would keep all of it.
 */
function withOwnPayload({ message, ...arrival }: Arrival): Arrival {
  return { ...arrival, message: { ...message, payload: new Uint8Array(message.payload) } };
}

/** A topic is counted by its characters. */
function bytesOf({ message: { payload, topic } }: Arrival): number {
  return payload.length + topic.length;
}
