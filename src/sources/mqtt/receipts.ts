import { Buffer } from "node:buffer";

/**
 * What we owe the broker for QoS 1 and 2 messages of one session. PUBACK and PUBREC go out when the batch that a message
 * is in is acknowledged, in the order in which the messages came (MQTT 5, 4.6), so an early batch that is late holds
 * back the receipts of later ones. What is never acknowledged stays with the broker.
 */
export interface ReceiptMessage {
  readonly qos: number;
  readonly packetId: number;
}

const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBCOMP = 0x70;
const RECEIPT_BYTES = 4;

interface Owed {
  /** The receipts, ready to be sent: messages and their payloads are let go long before these are. */
  readonly receipts: Uint8Array;
  state: "open" | "acked" | "nacked";
}

export class Receipts {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #owed: Owed[] = [];
  /** QoS 2 identifiers between PUBLISH and PUBREL, and whether PUBREC went out (MQTT 5, 4.3.3). */
  readonly #exactlyOnce = new Map<number, "received" | "recorded">();

  /** `write` takes whole packets. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  /**
   * Whether a message that arrives is new. A QoS 2 message that the broker sends again before it released the first is
   * not: its receipt is repeated where it was given, and otherwise comes with the first one's.
   */
  isNew({ qos, packetId }: ReceiptMessage): boolean {
    if (qos !== 2) return true;
    const known = this.#exactlyOnce.get(packetId);
    if (known === "recorded") this.#write(receipt(PUBREC, packetId));
    if (known === undefined) this.#exactlyOnce.set(packetId, "received");
    return known === undefined;
  }

  /** The broker let go of a QoS 2 message (PUBREL). Answered even when unknown, as after a reconnect. */
  release(packetId: number): void {
    this.#exactlyOnce.delete(packetId);
    this.#write(receipt(PUBCOMP, packetId));
  }

  /** Takes note of messages that leave together, in order of arrival; call the result once, when it is known what became of them. */
  owe(messages: readonly ReceiptMessage[]): (outcome: "acked" | "nacked") => void {
    const owed: Owed = { receipts: receiptsOf(messages), state: "open" };
    this.#owed.push(owed);
    return (outcome) => {
      if (owed.state !== "open") return;
      owed.state = outcome;
      this.#settle();
    };
  }

  #settle(): void {
    const given: Uint8Array[] = [];
    while (this.#owed.length > 0 && this.#owed[0]!.state !== "open") { // not empty
      const { state, receipts } = this.#owed.shift()!; // not empty
      if (state === "acked" && receipts.length > 0) given.push(receipts);
    }
    if (given.length === 0) return;
    for (const receipts of given) this.#record(receipts);
    this.#write(given.length === 1 ? given[0]! : Buffer.concat(given)); // there is one
  }

  /** Notes which QoS 2 messages have their PUBREC. */
  #record(receipts: Uint8Array): void {
    for (let at = 0; at < receipts.length; at += RECEIPT_BYTES) {
      if (receipts[at] === PUBREC) this.#exactlyOnce.set(receipts[at + 2]! << 8 | receipts[at + 3]!, "recorded"); // whole receipts
    }
  }
}

function receiptsOf(messages: readonly ReceiptMessage[]): Uint8Array {
  const bytes = new Uint8Array(messages.length * RECEIPT_BYTES);
  for (const [i, { qos, packetId }] of messages.entries()) {
    bytes.set(receipt(qos === 2 ? PUBREC : PUBACK, packetId), i * RECEIPT_BYTES);
  }
  return bytes;
}

/** The four bytes that all receipts have in common in both versions: without a reason code it means success. */
function receipt(type: number, packetId: number): Uint8Array {
  return Uint8Array.of(type, 2, packetId >> 8, packetId & 0xff);
}
