/** Connections that wait to say something, so many at most: when one more comes, the oldest ends. */
export class Lobby {
  readonly #max: number;
  readonly #onEvicted: () => void;
  /** The oldest first. */
  readonly #waiting = new Set<Deno.TcpConn>();

  constructor(max: number, onEvicted: () => void) {
    this.#max = max;
    this.#onEvicted = onEvicted;
  }

  add(connection: Deno.TcpConn): void {
    while (this.#waiting.size >= this.#max) this.endOldest();
    this.#waiting.add(connection);
  }

  /** Says whether it still waited. */
  remove(connection: Deno.TcpConn): boolean {
    return this.#waiting.delete(connection);
  }

  endOldest(): void {
    const [oldest] = this.#waiting;
    if (!oldest) return;
    this.#waiting.delete(oldest);
    this.#onEvicted();
    close(oldest);
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    for (const connection of this.#waiting) close(connection);
    this.#waiting.clear();
  }
}

/** Closes a connection that may be closed already. */
export function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // it was
  }
}
