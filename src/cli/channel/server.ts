import type { Clock } from "../../core/clock.ts";
import { reasonOf } from "../../core/error.ts";
import type { Logger } from "../../core/logger.ts";
import { within } from "../../lib/within.ts";
import { EXIT, type Terminal } from "../command.ts";
import { Answers } from "./answers.ts";
import { Lines } from "./lines.ts";
import { close, Lobby } from "./lobby.ts";
import { isSameProof, newNonce, proofOf } from "./proof.ts";
import { MAX_PROOF_BYTES, MAX_REQUEST_BYTES, parseRequest, parseResponse, type Request } from "./protocol.ts";
import { Refusals } from "./refusals.ts";
import { announce, type AnnouncedPost } from "./token.ts";
import { writeLine } from "./write_line.ts";

/** Connections that have not proved what they know, and those that have and say nothing yet. */
const MAX_WAITING = 16;
/** Commands at a time. */
const MAX_COMMANDS = 8;
const PROOF_MS = 5000;
/** Somebody may still have to type a passphrase. */
const REQUEST_MS = 300_000;
/** How long commands may take to end once the connector stops. */
const CLOSE_MS = 2000;
/** Wait after a connection could not be accepted, which is so while the process has too many open files. */
const REFUSED_MS = 100;

export interface ChannelOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Does what a request says. Resolves with the exit code. */
  readonly run: (request: Request, terminal: Terminal) => Promise<number>;
}

/** Where the running connector takes commands, on a free port of the loopback interface; protocol.ts says how. */
export class Channel implements AsyncDisposable {
  readonly #options: ChannelOptions;
  readonly #listener: Deno.TcpListener;
  readonly #post: AnnouncedPost;
  /** Connections that have not proved that they know the token. */
  readonly #unknown = new Lobby(MAX_WAITING, () => this.#refusals.note("evicted"));
  readonly #known = new Lobby(MAX_WAITING, () => {});
  readonly #commands = new Map<Deno.TcpConn, Promise<void>>();
  readonly #closing = new AbortController();
  readonly #refusals: Refusals;

  private constructor(options: ChannelOptions, listener: Deno.TcpListener) {
    this.#options = options;
    this.#refusals = new Refusals({ ...options, signal: this.#closing.signal });
    this.#listener = listener;
    this.#post = announce(options.home, listener.addr.port);
    this.#accept();
  }

  /** Listens until disposed. Where that cannot be, the connector does without, and its log says so. */
  static open(options: ChannelOptions): AsyncDisposable {
    using resources = new DisposableStack();
    try {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      resources.defer(() => listener.close());
      const channel = new Channel(options, listener);
      resources.move();
      return channel;
    } catch (error) {
      const message = `Cannot take commands beside the running connector: ${reasonOf(error)}`;
      options.log.log("warn", message, { code: "commands_unavailable" });
      return new AsyncDisposableStack();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#post[Symbol.dispose]();
    this.#closing.abort();
    this.#listener.close();
    this.#unknown[Symbol.dispose]();
    this.#known[Symbol.dispose]();
    const ended = Promise.all(this.#commands.values());
    if (await within(ended, CLOSE_MS, this.#options.clock)) return;
    for (const connection of this.#commands.keys()) close(connection);
    await ended;
  }

  async #accept(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#add(await this.#listener.accept());
      } catch {
        if (signal.aborted) return;
        this.#unknown.endOldest();
        await this.#options.clock.sleep(REFUSED_MS, signal).catch(() => {/* it closes */});
      }
    }
  }

  #add(connection: Deno.TcpConn): void {
    this.#unknown.add(connection);
    this.#hear(connection).catch(() => close(connection)); // the peer reset it, or it was closed here
  }

  /** Does what a connection asks for, once it has proved that it may. */
  async #hear(connection: Deno.TcpConn): Promise<void> {
    const lines = new Lines(connection);
    if (!await this.#isProved(lines, connection)) return close(connection);
    const request = await this.#request(lines, connection);
    if (!request || this.#closing.signal.aborted) return close(connection);
    const command = this.#serve(request, lines, connection);
    this.#commands.set(connection, command);
    await command.finally(() => this.#commands.delete(connection));
  }

  /** Challenges it and, when it proves that it knows the token, proves the same to it. */
  async #isProved(lines: Lines, connection: Deno.TcpConn): Promise<boolean> {
    const proof = await this.#proof(lines, connection).catch(() => undefined); // it is gone
    const hasWaited = this.#unknown.remove(connection); // else it was told to go meanwhile
    if (hasWaited && proof === undefined) this.#refusals.note("refused");
    if (!hasWaited || proof === undefined) return false;
    this.#known.add(connection);
    await writeLine(connection, { proof });
    return true;
  }

  /** The connector's proof for who has given the right one; undefined for everybody else. */
  async #proof(lines: Lines, connection: Deno.TcpConn): Promise<string | undefined> {
    using _limit = this.#limit(connection, PROOF_MS);
    const connector = newNonce();
    await writeLine(connection, { nonce: connector });
    const response = parseResponse(await lines.next(MAX_PROOF_BYTES) ?? "");
    if (!response) return undefined;
    const { token } = this.#post;
    const nonces = { command: response.nonce, connector };
    const isRight = isSameProof(response.proof, proofOf(token, "command", nonces));
    return isRight ? proofOf(token, "connector", nonces) : undefined;
  }

  async #request(lines: Lines, connection: Deno.TcpConn): Promise<Request | undefined> {
    using _limit = this.#limit(connection, REQUEST_MS);
    try {
      return parseRequest(await lines.next(MAX_REQUEST_BYTES) ?? "");
    } finally {
      this.#known.remove(connection);
    }
  }

  /** Closes the connection after this time, unless disposed of before. */
  #limit(connection: Deno.TcpConn, ms: number): Disposable {
    const done = new AbortController();
    this.#options.clock.sleep(ms, done.signal).then(() => close(connection), () => {/* it was in time */});
    return { [Symbol.dispose]: () => done.abort() };
  }

  async #serve(request: Request, lines: Lines, connection: Deno.TcpConn): Promise<void> {
    const { clock, random } = this.#options;
    const gone = new AbortController();
    const stopping = AbortSignal.any([gone.signal, this.#closing.signal]);
    const answers = new Answers({ sink: connection, request, clock, random, stopping, killed: this.#closing.signal });
    lines.next(MAX_PROOF_BYTES).then(() => gone.abort(), () => gone.abort()); // it says nothing more: this is its end
    await answers.end(await this.#outcome(request, answers));
    close(connection);
  }

  async #outcome(request: Request, answers: Answers): Promise<number> {
    if (this.#commands.size >= MAX_COMMANDS) {
      answers.err(`The connector works on ${MAX_COMMANDS} commands already: try again when one has ended\n`);
      return EXIT.failed;
    }
    try {
      return await this.#options.run(request, answers);
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      this.#options.log.log("error", "There is a bug in the connector: please report this line", {
        code: "bug",
        stack,
      });
      answers.err("The connector failed at this command: its log says more\n");
      return EXIT.failed;
    }
  }
}
