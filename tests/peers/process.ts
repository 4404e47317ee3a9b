/** Programs that others wrote, as test peers: started, waited for until ready, ended by pid. */

export interface PeerOptions {
  readonly args?: readonly string[];
  /** The line that says it is ready, on stdout or stderr. */
  readonly ready: RegExp;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

/** A running peer. Its output is kept (the last 1,000 lines) for failing tests to show. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #watchers = new Set<(line: string) => void>();
  readonly #outputs: Promise<void>[];

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#outputs = [this.#collect(child.stdout), this.#collect(child.stderr)];
  }

  /** Starts `command` and resolves with it and the match of `ready`. @throws when it ends first or `timeoutMs` (30 s) is over. */
  static async start(command: string, options: PeerOptions): Promise<{ peer: PeerProcess; ready: RegExpMatchArray }> {
    const child = new Deno.Command(command, {
      args: [...(options.args ?? [])],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(options.env ? { env: options.env } : {}),
      ...(options.cwd ? { cwd: options.cwd } : {}),
    }).spawn();
    const peer = new PeerProcess(child);
    try {
      return { peer, ready: await peer.line(options.ready, options.timeoutMs ?? 30_000) };
    } catch (error) {
      await peer[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it has ended and all that it wrote is in `lines`. */
  get status(): Promise<Deno.CommandStatus> {
    return Promise.all(this.#outputs).then(() => this.#child.status);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The first line, past or to come, that matches. */
  async line(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpMatchArray> {
    for (const line of this.#lines) {
      const match = line.match(pattern);
      if (match) return match;
    }
    const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
    const fail = (why: string) => reject(new Error(`${why} before ${pattern}:\n${this.#lines.slice(-40).join("\n")}`));
    const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
    const watch = (line: string) => {
      const match = line.match(pattern);
      if (match) resolve(match);
    };
    this.#watchers.add(watch);
    void Promise.all(this.#outputs).then(() => fail("the process ended"));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#watchers.delete(watch);
    }
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, and SIGKILL after 5 s. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#signal("SIGKILL"), 5000);
    this.#signal("SIGTERM");
    await this.#child.status;
    await Promise.all(this.#outputs);
    clearTimeout(timer);
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // TypeError: it has ended by itself
    }
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#keep(line);
    }
    if (rest) this.#keep(rest);
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > 1000) this.#lines.shift();
    for (const watch of this.#watchers) watch(line);
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
