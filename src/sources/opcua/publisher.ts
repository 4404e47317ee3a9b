import {
  DataChangeNotification,
  PublishRequest,
  type PublishResponse,
  RepublishRequest,
  type RepublishResponse,
  StatusChangeNotification,
} from "node-opcua-client";
import type { Clock } from "../../core/clock.ts";
import { briefly, inSeconds, saying, statusIn } from "./errors.ts";
import type { Feed } from "./feed.ts";
import type { RawSession } from "./session.ts";
import { type Agreed, transferSubscription } from "./subscription.ts";

/** Who hears what the server sent. */
export interface PublisherEvents {
  onData(notification: DataChangeNotification): void;
  /** Messages that the server sent and no longer has. */
  onMissed(count: number): void;
  /** The subscription is gone, and with it this publisher. */
  onLost(why: string): void;
}

type Message = NonNullable<PublishResponse["notificationMessage"]>;
type Acknowledgement = { subscriptionId: number; sequenceNumber: number };

/** Requests that wait at the server at once, so that it can answer without waiting for the next one. */
const WINDOW = 4;
/** How much later than agreed a sign of life may come on a slow line. */
const LATE_MS = 1000;
/** Of sequence numbers: after 2^32 - 1 comes 1 (OPC UA Part 4, 7.8). */
const LAST_SEQUENCE_NUMBER = 0xffffffff;

/**
 * Asks the server for what changed (Publish, OPC UA Part 4, 5.14.5) and acknowledges it. Our own, because the library's
 * asks on whether or not anyone takes the values: this one stops, and the server then queues them.
 */
export class Publisher implements Feed {
  readonly #session: RawSession;
  readonly #agreed: Agreed;
  readonly #clock: Clock;
  readonly #events: PublisherEvents;
  #state: "stopped" | "asking" | "held" = "stopped";
  /** Answers to requests of an earlier connection do not count. */
  #connection = 0;
  #asked = 0;
  #window = WINDOW;
  #lastSequenceNumber = 0;
  #heardAtMs: number;
  #unacknowledged: Acknowledgement[] = [];

  constructor(session: RawSession, agreed: Agreed, { clock, ...events }: PublisherEvents & { clock: Clock }) {
    this.#session = session;
    this.#agreed = agreed;
    this.#clock = clock;
    this.#events = events;
    this.#heardAtMs = clock.monotonicMs();
  }

  get isSilent(): boolean {
    return this.#state === "asking" && this.quietMs > this.#agreed.silenceMs;
  }

  get quietMs(): number {
    return this.#clock.monotonicMs() - this.#heardAtMs;
  }

  get breakReason(): string {
    const isQuiet = this.#state === "asking" && this.quietMs > this.#agreed.keepAliveMs + LATE_MS;
    return isQuiet ? `the server said nothing for ${inSeconds(this.quietMs)}` : "the connection broke";
  }

  ask(): void {
    if (this.#state !== "asking") this.#heardAtMs = this.#clock.monotonicMs();
    this.#state = "asking";
    while (this.#asked < this.#window) this.#request();
  }

  hold(): void {
    if (this.#state === "asking") this.#state = "held";
  }

  stop(): void {
    this.#state = "stopped";
    this.#connection++;
    this.#asked = 0;
  }

  /**
   * Fetches what was sent while the connection was gone and asks on (Republish, OPC UA Part 4, 5.14.6). Another session
   * than before knows our subscription only if the server hands it over.
   * @throws what the library throws when the subscription is not there any more
   */
  async resume(isSessionNew: boolean): Promise<void> {
    if (isSessionNew) await transferSubscription(this.#session, this.#agreed.subscriptionId);
    this.stop();
    const connection = this.#connection;
    while (connection === this.#connection) {
      const message = await this.#republish(next(this.#lastSequenceNumber));
      if (!message) break;
      this.#take(message);
    }
    if (connection === this.#connection) this.ask();
  }

  #request(): void {
    const connection = this.#connection;
    const acknowledged = this.#unacknowledged;
    this.#unacknowledged = [];
    this.#asked++;
    const request = new PublishRequest({
      requestHeader: { timeoutHint: this.#agreed.silenceMs * (WINDOW + 1) },
      subscriptionAcknowledgements: acknowledged,
    });
    this.#session.publish(request, (error, response) => {
      if (error) this.#unacknowledged.push(...acknowledged);
      if (connection !== this.#connection) return;
      this.#asked--;
      if (response) this.#answered(response);
      else this.#failed(error);
    });
  }

  #answered(response: PublishResponse): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    if (response.subscriptionId === this.#agreed.subscriptionId) this.#take(response.notificationMessage);
    if (this.#state === "asking") this.ask();
  }

  #failed(error: Error | null): void {
    const status = statusIn(error);
    if (status === "BadTooManyPublishRequests") this.#window = Math.max(1, this.#asked);
    else if (status === "BadTimeout" && this.#state === "asking") this.ask();
    // Without a status the connection broke: the library mends it, and `isSilent` tells when it does not.
    else if (status) this.#events.onLost(`the server ended the subscription: ${saying(status)}`);
  }

  #take(message: Message): void {
    const data = message.notificationData ?? [];
    const expected = next(this.#lastSequenceNumber);
    // A keep-alive carries the number that the next message will have, and is not acknowledged (Part 4, 7.26).
    const missed = message.sequenceNumber - expected;
    if (missed > 0) this.#events.onMissed(missed);
    this.#lastSequenceNumber = data.length === 0 ? message.sequenceNumber - 1 : message.sequenceNumber;
    if (data.length === 0) return;
    const { subscriptionId } = this.#agreed;
    this.#unacknowledged.push({ subscriptionId, sequenceNumber: message.sequenceNumber });
    for (const notification of data) this.#notify(notification);
  }

  #notify(notification: unknown): void {
    if (notification instanceof DataChangeNotification) this.#events.onData(notification);
    else if (notification instanceof StatusChangeNotification && notification.status.isNotGood()) {
      this.#events.onLost(`the server ended the subscription: ${saying(notification.status.name)}`);
    }
  }

  /** The message of that number, or undefined when the server has none. */
  #republish(retransmitSequenceNumber: number): Promise<Message | undefined> {
    const { subscriptionId } = this.#agreed;
    return new Promise((resolve, reject) => {
      const request = new RepublishRequest({ subscriptionId, retransmitSequenceNumber });
      this.#session.republish(request, (error: Error | null, response?: RepublishResponse) => {
        // Some servers answer with an empty message where they should say that they have none.
        const message = response?.notificationMessage;
        if (message && !error) resolve(message.sequenceNumber === retransmitSequenceNumber ? message : undefined);
        else if (statusIn(error) === "BadMessageNotAvailable") resolve(undefined);
        else reject(error ?? new Error(briefly(error)));
      });
    });
  }
}

function next(sequenceNumber: number): number {
  return sequenceNumber === LAST_SEQUENCE_NUMBER ? 1 : sequenceNumber + 1;
}
