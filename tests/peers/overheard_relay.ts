/** A TCP relay that keeps what clients say, connection by connection. */
export class OverheardRelay implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>;
  /** All bytes that each client sent, in the order of the connections. */
  readonly heard: Uint8Array<ArrayBuffer>[][] = [];

  /** Relays every connection to 127.0.0.1:`target`. */
  constructor(target: number) {
    this.#target = target;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#serving = this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** What each client said, in one piece. */
  get said(): Uint8Array[] {
    return this.heard.map((chunks) => new Uint8Array(chunks.flatMap((chunk) => [...chunk])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#open) close(conn);
    await this.#serving;
  }

  async #serve(): Promise<void> {
    const relays: Promise<void>[] = [];
    for await (const client of this.#listener) relays.push(this.#relay(client));
    await Promise.all(relays);
  }

  async #relay(client: Deno.TcpConn): Promise<void> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    this.heard.push(chunks);
    this.#open.add(client);
    try {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      this.#open.add(far);
      await Promise.race([pass(client, far, (chunk) => void chunks.push(chunk)), pass(far, client, () => {})]);
      close(far);
    } catch {
      // the far side is not there: the client sees its connection end
    }
    close(client);
  }
}

/** Until one side is gone. */
async function pass(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  hear: (chunk: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    while (true) {
      const count = await from.read(buffer);
      if (count === null) return;
      const chunk = buffer.slice(0, count);
      hear(chunk);
      for (let at = 0; at < count;) at += await to.write(chunk.subarray(at));
    }
  } catch {
    // cut on purpose, or by the peer
  }
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // it is closed already
  }
}
