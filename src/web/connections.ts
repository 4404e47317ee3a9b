import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../core/clock.ts";
import { Condition } from "../lib/condition.ts";
import { answer, duplexOf, type Fetch } from "./http_bridge.ts";

/** Connections at a time. When one more comes, the oldest that is not being answered ends. */
const MAX_CONNECTIONS = 64;
/** A connection's whole life: its request, its answer, and the taking of it. */
const CONNECTION_MS = 10_000;
/** Wait after a connection could not be accepted, which is so while the process has too many open files. */
const REFUSED_MS = 100;

export interface ConnectionsDeps {
  readonly fetch: Fetch;
  readonly clock: Clock;
}

interface Connection {
  readonly stream: Duplex;
  isAnswering: boolean;
}

/**
 * The connections of a listener, one request each. Accepting is done here and not by a server of the runtime: in Deno
 * 2.9.6 those end for good, or without a word, at the first connection that finds no file descriptor free.
 */
export class Connections implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #deps: ConnectionsDeps;
  readonly #http: Server;
  /** The oldest first. */
  readonly #open = new Map<Duplex, Connection>();
  readonly #ended = new Condition();
  readonly #closing = new AbortController();

  constructor(listener: Deno.TcpListener, deps: ConnectionsDeps) {
    this.#listener = listener;
    this.#deps = deps;
    // It never listens: it reads requests from the streams it is given. Connections have their own limit of time.
    this.#http = createServer((incoming, outgoing) => this.#answer(incoming, outgoing));
    this.#http.on("clientError", (_error, stream) => stream.destroy());
    this.#accept();
  }

  /** Accepts no more, and resolves when the last request was answered. */
  async drain(): Promise<void> {
    this.#close();
    for (const { stream, isAnswering } of this.#open.values()) if (!isAnswering) stream.destroy();
    while (this.#open.size > 0) await this.#ended.wait();
  }

  [Symbol.dispose](): void {
    this.#close();
    for (const stream of this.#open.keys()) stream.destroy();
  }

  #close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#listener.close();
  }

  async #accept(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#add(await this.#listener.accept());
      } catch {
        if (signal.aborted) return;
        this.#endOldest();
        await this.#deps.clock.sleep(REFUSED_MS, signal).catch(() => {/* it closes */});
      }
    }
  }

  #add(connection: Deno.Conn): void {
    while (this.#open.size >= MAX_CONNECTIONS) this.#endOldest();
    const stream = duplexOf(connection);
    this.#open.set(stream, { stream, isAnswering: false });
    const over = new AbortController();
    stream.on("error", () => {/* the peer is gone; "close" follows */});
    stream.once("close", () => {
      over.abort();
      this.#open.delete(stream);
      this.#ended.wake();
    });
    this.#deps.clock.sleep(CONNECTION_MS, over.signal).then(() => stream.destroy(), () => {/* it ended in time */});
    this.#http.emit("connection", stream);
  }

  /** One that is not being answered, where there is one. */
  #endOldest(): void {
    const all = [...this.#open.values()];
    const oldest = all.find(({ isAnswering }) => !isAnswering) ?? all[0];
    if (!oldest) return;
    this.#open.delete(oldest.stream);
    oldest.stream.destroy();
  }

  #answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const stream = incoming.socket as Duplex; // the one that the server was given
    const connection = this.#open.get(stream);
    if (connection) connection.isAnswering = true;
    answer(incoming, outgoing, this.#deps.fetch).catch(() => stream.destroy());
    // What of a body is still to come is not taken in.
    outgoing.once("finish", () => stream.end(() => stream.destroy()));
  }
}
