import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { type FramePlace, FrameReader, MalformedPacket } from "./frame_reader.ts";
import type { MqttMessage } from "./message.ts";
import { packetIdOf, PUBLISH, publishReader, PUBREL } from "./publish_packet.ts";

/** Of a payload that is too long, so much is kept for people to look at. */
const KEPT_PAYLOAD_BYTES = 65_536;
/** The longest header of a PUBLISH before its payload that is counted as header: topic, properties, lengths. */
const HEADER_ROOM_BYTES = 66_560;

/** Answers that the broker has not read: more than it takes for receipts of 65,535 messages, which is all it may have under way. */
const MAX_UNREAD_BYTES = 1_048_576;

/** First byte of PINGREQ, and the whole of PINGRESP (MQTT 5, 3.12 and 3.13). */
const PINGREQ = 0xc0;
const PINGRESP = Buffer.from([0xd0, 0]);

export interface PublishTapOptions {
  readonly protocolVersion: 4 | 5;
  readonly maxPayloadBytes: number;
  onMessage(message: MqttMessage): void;
  /** The broker let go of a QoS 2 message. */
  onRelease(packetId: number): void;
  /** All messages of a chunk were handed over. */
  onChunkEnd(): void;
}

/**
 * The connection as mqtt.js sees it: everything but PUBLISH and PUBREL, which leave here.
 *
 * mqtt.js acknowledges a message as soon as its handler returns, and holding the handler back holds back PINGRESP too
 * and ends the session. Beside it, messages are taken as fast as the socket gives them and acknowledged when they are
 * safe; mqtt.js keeps what it does well: CONNECT, SUBSCRIBE, keep-alive and DISCONNECT. Receipts are written through this
 * stream (`write`), whose queue keeps the packets of both whole.
 */
export class PublishTap extends Duplex {
  readonly #socket: Duplex;
  readonly #frames: FrameReader;
  /** Why the connection is not read: its reader asked for that, or the broker reads no answers. */
  readonly #pauses = new Set<"asked" | "unread">();

  constructor(socket: Duplex, options: PublishTapOptions) {
    super();
    this.#socket = socket;
    const read = publishReader(options.protocolVersion);
    const limits = {
      maxBytes: options.maxPayloadBytes + HEADER_ROOM_BYTES,
      keptBytes: KEPT_PAYLOAD_BYTES + HEADER_ROOM_BYTES,
    };
    this.#frames = new FrameReader(limits, (bytes, place) => {
      const type = bytes[place.start]! >> 4; // a packet has a first byte
      if (type === PUBLISH) options.onMessage(read(bytes, place));
      else if (type === PUBREL) options.onRelease(packetIdOf(bytes, place));
      else this.#pass(bytes, place);
    });
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk, options));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy(socket.errored ?? undefined)); // it may have failed before we listened
    if (socket.closed) this.destroy(socket.errored ?? undefined);
  }

  /**
   * A broker that sends and does not read what we answer (PUBCOMP to each PUBREL) is not read either, until it does: else
   * the answers would pile up here.
   */
  #holdWhileUnread(): void {
    if (this.#pauses.has("unread") || this.writableLength < MAX_UNREAD_BYTES) return;
    this.#pause("unread");
    this.once("drain", () => this.#resume("unread"));
  }

  /**
   * Reads no further until `goOn`: TCP makes the broker wait. Meanwhile its PINGRESP cannot be seen, so mqtt.js is
   * answered here; the PINGREQ still goes out and tells the broker that we are there.
   */
  hold(): void {
    this.#pause("asked");
  }

  /** Whether nothing is read until `goOn`. */
  get isHeld(): boolean {
    return this.#pauses.has("asked");
  }

  /** Sends `last`, and ends. What still comes is let go unread, so that the broker's end of the connection is seen. */
  leave(last: Uint8Array): void {
    if (this.writableEnded) return;
    this.#socket.removeAllListeners("data");
    this.#socket.resume();
    this.end(last);
  }

  goOn(): void {
    this.#resume("asked");
  }

  #pause(why: "asked" | "unread"): void {
    this.#pauses.add(why);
    this.#socket.pause();
  }

  #resume(why: "asked" | "unread"): void {
    if (this.#pauses.delete(why) && this.#pauses.size === 0) this.#socket.resume();
  }

  #take(chunk: Uint8Array, options: PublishTapOptions): void {
    try {
      this.#frames.push(chunk);
      options.onChunkEnd();
      this.#holdWhileUnread();
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error;
      this.destroy(error);
    }
  }

  /** Few and small: CONNACK, SUBACK, PINGRESP, DISCONNECT. The reader of this stream need not ask for them. */
  #pass(bytes: Uint8Array, { start, end }: FramePlace): void {
    this.push(Buffer.from(bytes.subarray(start, end)));
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#answerPing(chunk);
    this.#socket.write(chunk, done);
  }

  /** What gathered while the last write was under way leaves in one. */
  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    for (const { chunk } of chunks) this.#answerPing(chunk);
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  #answerPing(chunk: Uint8Array): void {
    if (this.isHeld && chunk[0] === PINGREQ) this.push(PINGRESP);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
