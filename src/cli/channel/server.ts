import type { Clock } from "../../core/clock.ts";
import { reasonOf } from "../../core/error.ts";
import type { Logger } from "../../core/logger.ts";
import { within } from "../../lib/within.ts";
import { EXIT, type Terminal } from "../command.ts";
import { Answers } from "./answers.ts";
import { Lines } from "./lines.ts";
import { MAX_REQUEST_BYTES, parseRequest, type Request } from "./protocol.ts";
import { announce, type AnnouncedPost, isSameToken } from "./token.ts";

/** Connections that have not said who they are. When one more comes, the oldest ends. */
const MAX_UNKNOWN = 16;
/** Commands at a time. */
const MAX_COMMANDS = 8;
const FIRST_LINE_MS = 5000;
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
  /** Connections that have not said who they are, the oldest first. */
  readonly #unknown = new Set<Deno.TcpConn>();
  readonly #commands = new Map<Deno.TcpConn, Promise<void>>();
  readonly #closing = new AbortController();

  private constructor(options: ChannelOptions, listener: Deno.TcpListener) {
    this.#options = options;
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
    for (const connection of this.#unknown) close(connection);
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
        this.#endOldest();
        await this.#options.clock.sleep(REFUSED_MS, signal).catch(() => {/* it closes */});
      }
    }
  }

  #add(connection: Deno.TcpConn): void {
    while (this.#unknown.size >= MAX_UNKNOWN) this.#endOldest();
    this.#unknown.add(connection);
    this.#hear(connection).catch(() => close(connection)); // the peer reset it, or it was closed here
  }

  #endOldest(): void {
    const [oldest] = this.#unknown;
    if (!oldest) return;
    this.#unknown.delete(oldest);
    close(oldest);
  }

  /** Takes the first line, and does what it says when it may. */
  async #hear(connection: Deno.TcpConn): Promise<void> {
    const lines = new Lines(connection, MAX_REQUEST_BYTES);
    const request = await this.#request(lines, connection);
    this.#unknown.delete(connection);
    if (!request || this.#closing.signal.aborted) return close(connection);
    const command = this.#serve(request, lines, connection);
    this.#commands.set(connection, command);
    await command.finally(() => this.#commands.delete(connection));
  }

  async #request(lines: Lines, connection: Deno.TcpConn): Promise<Request | undefined> {
    const said = new AbortController();
    this.#options.clock.sleep(FIRST_LINE_MS, said.signal).then(() => close(connection), () => {/* it came in time */});
    try {
      const request = parseRequest(await lines.next() ?? "");
      return request && isSameToken(this.#post, request.token) ? request : undefined;
    } finally {
      said.abort();
    }
  }

  async #serve(request: Request, lines: Lines, connection: Deno.TcpConn): Promise<void> {
    const { clock, random } = this.#options;
    const gone = new AbortController();
    const stopping = AbortSignal.any([gone.signal, this.#closing.signal]);
    const answers = new Answers({ sink: connection, request, clock, random, stopping, killed: this.#closing.signal });
    lines.next().then(() => gone.abort(), () => gone.abort()); // it says nothing more: this is its end
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

/** Closes a connection that may be closed already. */
function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // it was
  }
}
