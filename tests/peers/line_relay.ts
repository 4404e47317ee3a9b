/** What the wire does with bytes of one direction: what comes of them, after so long. */
export interface Mangled {
  readonly bytes: Uint8Array;
  readonly afterMs: number;
}

export type Mangle = (bytes: Uint8Array) => Mangled;

const INTACT: Mangle = (bytes) => ({ bytes, afterMs: 0 });

/**
 * The wire of a serial line, as two TCP ports: the host's end and the device's. What is sent into one comes out of the
 * other, as tests want it to.
 */
export class LineRelay implements AsyncDisposable {
  readonly host = new LineEnd();
  readonly device = new LineEnd();
  /** Whether the host hears what it sends, as with two wires and a receiver that is always on. */
  hasEcho = false;
  toDevice: Mangle = INTACT;
  toHost: Mangle = INTACT;
  /** Bytes since the start. */
  readonly carried = { toDevice: 0, toHost: 0 };

  constructor() {
    this.host.onBytes = (bytes) => {
      this.carried.toDevice += bytes.length;
      const mangled = this.toDevice(bytes);
      if (this.hasEcho) this.host.send(mangled);
      this.device.send(mangled);
    };
    this.device.onBytes = (bytes) => {
      this.carried.toHost += bytes.length;
      this.host.send(this.toHost(bytes));
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
    await this.device[Symbol.asyncDispose]();
  }
}

/** One end of the wire: the newest connection to its port is plugged in. */
export class LineEnd implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #accepting: Promise<void>;
  readonly #serving = new Set<Promise<void>>();
  #conn: Deno.TcpConn | undefined;
  /** Connections since the start. */
  accepted = 0;
  onBytes: (bytes: Uint8Array) => void = () => {};

  constructor() {
    this.#accepting = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Bytes that come out here. They are lost where nothing is plugged in. */
  send({ bytes, afterMs }: Mangled): void {
    if (afterMs === 0) return void this.#write(bytes);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#write(bytes);
    }, afterMs);
    this.#timers.add(timer);
  }

  /** Ends the connection that is plugged in. */
  unplug(): void {
    this.#conn?.close();
    this.#conn = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    try {
      this.#listener.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it was disposed of before
    }
    this.unplug();
    await this.#accepting;
    await Promise.all(this.#serving);
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      this.accepted++;
      conn.setNoDelay(true);
      this.unplug();
      this.#conn = conn;
      this.#serving.add(this.#serve(conn));
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const space = new Uint8Array(4096);
    try {
      for (let count = await conn.read(space); count !== null; count = await conn.read(space)) {
        this.onBytes(space.slice(0, count));
      }
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
    if (this.#conn === conn) this.unplug();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      if (bytes.length > 0) await this.#conn?.write(bytes);
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }
}

/** The other side has gone, or we closed it here. */
function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}
