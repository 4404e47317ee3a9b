import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { setImmediate } from "node:timers";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { Condition } from "../lib/condition.ts";
import { within } from "../lib/within.ts";
import { networkOf } from "../service/access.ts";
import { answer, duplexOf, type Fetch } from "./http_bridge.ts";
import type { Peer } from "./peer.ts";

/** Connections at a time. When one more comes, one ends: see `#makeRoom`. */
const MAX_CONNECTIONS = 256;
/** Connections of one network that are no burden to others. */
const MAX_SHARE = 16;
/** How long a request may take to come, with its body, and the client to take the answer. */
const CLIENT_MS = 10_000;
/** How long an answer may take to be made: a device may be asked for it. Answers without an end have none. */
const ANSWER_MS = 180_000;
/** How long a body that nobody wants may go on coming after its answer. */
const LINGER_MS = 1000;
/** Turns of the event loop in which the runtime has let go of a listener's address. */
const QUICK_TRIES = 200;
/** Wait after a connection could not be accepted, which is so while the process has too many open files. */
const REFUSED_MS = 100;

export interface ConnectionsDeps {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

interface Connection {
  readonly stream: Duplex;
  readonly peer: Peer;
  /** Aborts when the connection ends. */
  readonly gone: AbortController;
  /** Undefined until the headers of its request were read. */
  exchange: Exchange | undefined;
  /** Its request may come, and be answered, for as long as who answers it lets it. */
  isLong: boolean;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * The connections of a listener, one request each. Accepting is done here and not by a server of the runtime: in Deno
 * 2.9.6 those end for good, or without a word, at the first connection that finds no file descriptor free.
 */
export class Connections implements Disposable {
  #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #deps: ConnectionsDeps;
  readonly #http: Server;
  /** The oldest first. */
  readonly #open = new Map<Duplex, Connection>();
  readonly #ended = new Condition();
  readonly #closing = new AbortController();
  /** Resolves once another listener has taken the former one's place; undefined: none is to. */
  #changing: Promise<void> | undefined;

  constructor(listener: Deno.TcpListener | Deno.TlsListener, deps: ConnectionsDeps) {
    this.#listener = listener;
    this.#deps = deps;
    // It never listens: it reads requests from the streams it is given. Connections have their own limit of time.
    this.#http = createServer((incoming, outgoing) => this.#answer(incoming, outgoing));
    this.#http.on("clientError", (_error, stream) => stream.destroy());
    this.#accept();
  }

  /**
   * Accepts by another listener of the same address from now on; what is connected goes on. Tries until it is open, and
   * calls `onDelay` once where that takes its time: nobody can connect meanwhile.
   */
  async change(open: () => Deno.TcpListener | Deno.TlsListener, onDelay: (error: unknown) => void): Promise<void> {
    const changed = Promise.withResolvers<void>();
    this.#changing = changed.promise;
    closeListener(this.#listener);
    try {
      await this.#reopen(open, onDelay);
    } finally {
      this.#changing = undefined;
      changed.resolve();
    }
  }

  /** The address is in use until the runtime has let go of the former listener. */
  async #reopen(open: () => Deno.TcpListener | Deno.TlsListener, onDelay: (error: unknown) => void): Promise<void> {
    const { signal } = this.#closing;
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        this.#listener = open();
        return;
      } catch (error) {
        if (tries === QUICK_TRIES) onDelay(error);
      }
      // At first by turns of the event loop: the runtime's own work, which no clock drives.
      if (tries < QUICK_TRIES) await new Promise((resolve) => setImmediate(resolve));
      else await this.#deps.clock.sleep(REFUSED_MS, signal).catch(() => {/* it closes */});
    }
  }

  /** Accepts no more, and resolves when the last request was answered. */
  async drain(): Promise<void> {
    this.#close();
    for (const { stream, exchange } of this.#open.values()) if (!exchange) stream.destroy();
    while (this.#open.size > 0) await this.#ended.wait();
  }

  [Symbol.dispose](): void {
    this.#close();
    for (const stream of this.#open.keys()) stream.destroy();
  }

  #close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    closeListener(this.#listener);
  }

  async #accept(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const listener = this.#listener;
      try {
        this.#add(await listener.accept());
      } catch {
        await this.#changing;
        if (signal.aborted) return;
        if (listener !== this.#listener) continue;
        this.#makeRoom();
        await this.#deps.clock.sleep(REFUSED_MS, signal).catch(() => {/* it closes */});
      }
    }
  }

  #add(tcp: Deno.Conn): void {
    const address = tcp.remoteAddr as Deno.NetAddr; // of a TCP listener
    while (this.#open.size >= MAX_CONNECTIONS) this.#makeRoom(address.hostname);
    const stream = duplexOf(tcp);
    const gone = new AbortController();
    const peer = { address: address.hostname, isEncrypted: "handshake" in tcp };
    const connection: Connection = { stream, peer, gone, exchange: undefined, isLong: false };
    this.#open.set(stream, connection);
    stream.on("error", () => {/* the peer is gone; "close" follows */});
    stream.once("close", () => {
      gone.abort();
      this.#open.delete(stream);
      this.#ended.wake();
    });
    this.#limit(connection).catch(() => {/* it ended in time */});
    this.#http.emit("connection", stream);
  }

  /** Ends a connection whose client is too slow to ask, or that is answered for too long. */
  async #limit(connection: Connection): Promise<void> {
    const { stream, gone: { signal } } = connection;
    await this.#deps.clock.sleep(CLIENT_MS, signal);
    if (connection.isLong) return;
    if (!connection.exchange?.incoming.complete) stream.destroy(); // something of its headers or body is still to come
    await this.#deps.clock.sleep(ANSWER_MS - CLIENT_MS, signal);
    if (!connection.isLong && !connection.exchange?.outgoing.headersSent) stream.destroy();
  }

  /**
   * Ends a connection for one from `newcomer`. Where a network holds more than its share, that is one of its own; the
   * oldest that is not being answered before the oldest that is. No answer to another network makes way for a newcomer
   * whose network has its share already.
   */
  #makeRoom(newcomer?: string): void {
    const shares = Map.groupBy(this.#open.values(), ({ peer }) => networkOf(peer.address));
    const largest = [...shares.values()].sort((a, b) => b.length - a.length);
    const [most = []] = largest;
    const own = newcomer === undefined ? [] : shares.get(networkOf(newcomer)) ?? [];
    const unanswered = (most.length > MAX_SHARE ? most : largest.flat()).find((each) => !isAnswered(each));
    const victim = unanswered ?? (own.length >= MAX_SHARE ? own : most)[0];
    if (!victim) return;
    this.#open.delete(victim.stream);
    victim.stream.destroy();
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const stream = incoming.socket as Duplex; // the one that the server was given
    const connection = this.#open.get(stream);
    if (!connection) return; // it made way for others meanwhile
    connection.exchange = { incoming, outgoing };
    this.#exchange(connection, { incoming, outgoing }).catch(() => stream.destroy());
  }

  async #exchange(connection: Connection, { incoming, outgoing }: Exchange): Promise<void> {
    const { stream, gone: { signal } } = connection;
    const { fetch, clock } = this.#deps;
    const peer: Peer = { ...connection.peer, takesItsTime: () => void (connection.isLong = true) };
    const finished = new Promise<void>((resolve) => outgoing.once("finish", resolve));
    await answer(incoming, outgoing, { fetch, peer, clock, gone: signal });
    const taken = finished.then(() => new Promise<void>((resolve) => stream.end(resolve)));
    await within(taken, CLIENT_MS, clock);
    // A connection that is reset takes the answer with it, so what is still coming is let come, and dropped.
    incoming.removeAllListeners("data").resume();
    if (!incoming.complete) await within(once(incoming, "close"), LINGER_MS, clock);
    stream.destroy();
  }
}

function closeListener(listener: Deno.TcpListener | Deno.TlsListener): void {
  try {
    listener.close();
  } catch {
    // It was closed while another was to take its place.
  }
}

/** Whether its request has come as a whole: a body that never ends keeps no place. */
function isAnswered({ exchange }: Connection): boolean {
  return exchange?.incoming.complete === true;
}
