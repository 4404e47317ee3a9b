/** A Modbus TCP device in this process, whose registers tests set and whose faults they choose. It knows the four reads. */

export type Table = "coil" | "discrete" | "holding" | "input";

/** How the next answer goes wrong. `late` answers after `ms`. */
export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "late"; readonly ms: number }
  | { readonly kind: "wrong_transaction" }
  | { readonly kind: "wrong_unit" }
  | { readonly kind: "wrong_length" }
  | { readonly kind: "not_modbus" }
  /** Byte by byte, as slow links do. */
  | { readonly kind: "in_pieces" }
  | { readonly kind: "drop" };

/** A read that came in. */
export interface SeenRead {
  readonly unit: number;
  readonly table: Table;
  readonly start: number;
  readonly count: number;
}

/** Reads that touch any address from `from` to `to` get the exception. */
export interface Refusing {
  readonly table: Table;
  readonly from: number;
  readonly to: number;
  readonly code: number;
  readonly unit?: number;
}

export interface ModbusServerOptions {
  readonly port?: number;
  readonly hostname?: string;
}

const TABLES: readonly (Table | undefined)[] = [undefined, "coil", "discrete", "holding", "input"];
const KEPT_READS = 10_000;

/** Listens at once, on a free port of 127.0.0.1 unless told otherwise. */
export function startModbusServer(options: ModbusServerOptions = {}): ModbusServer {
  return new ModbusServer(options);
}

export class ModbusServer implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #conns = new Map<Deno.TcpConn, Promise<void>>();
  readonly #accepting: Promise<void>;
  readonly #registers: Readonly<Record<Table, Uint16Array>> = {
    coil: new Uint16Array(65_536),
    discrete: new Uint16Array(65_536),
    holding: new Uint16Array(65_536),
    input: new Uint16Array(65_536),
  };
  readonly #counters = new Map<string, number>();
  readonly #silent = new Set<number>();
  readonly #late = new Set<ReturnType<typeof setTimeout>>();
  #refusing: Refusing[] = [];
  #faults: Fault[] = [];
  #spoiling: { table: Table; fault: Fault } | undefined;
  #isHangingUp = false;
  readonly #most = new Map<Table, number>();
  /** The last reads, oldest first. */
  readonly seen: SeenRead[] = [];
  /** Reads since the start. */
  requests = 0;
  /** Connections accepted since the start. */
  accepted = 0;

  constructor({ port = 0, hostname = "127.0.0.1" }: ModbusServerOptions) {
    this.#listener = Deno.listen({ port, hostname });
    this.#accepting = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#conns.size;
  }

  /** Values of registers (16 bits) or coils (0 or 1), the same for all units. */
  setRegister(table: Table, address: number, ...values: readonly number[]): void {
    this.#registers[table].set(values, address);
  }

  /** Makes two registers one uint32, high word first, that every read finds one higher: 1, 2, 3, … */
  count(table: Table, address: number): void {
    this.#counters.set(`${table} ${address}`, 0);
  }

  /** From now on such reads get an exception. */
  refuse(refusing: Refusing): void {
    this.#refusing.push(refusing);
  }

  /** From now on nothing is refused. */
  refuseNothing(): void {
    this.#refusing = [];
  }

  /** From now on longer reads of `table` get exception 3. */
  allowAtMost(table: Table, count: number): void {
    this.#most.set(table, count);
  }

  /** From now on `unit` gives no answer. */
  silence(unit: number): void {
    this.#silent.add(unit);
  }

  /** From now on `unit` answers. */
  wake(unit: number): void {
    this.#silent.delete(unit);
  }

  /** The answers to come go wrong like this, one each. */
  spoil(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }

  /** From now on every answer from `table` goes wrong like this; without arguments none does. */
  spoilAll(table?: Table, fault: Fault = { kind: "none" }): void {
    this.#spoiling = table && { table, fault };
  }

  /** From now on the device closes the connection after each answer. */
  hangUp(): void {
    this.#isHangingUp = true;
  }

  /** Ends every connection and goes on listening. */
  dropConnections(): void {
    for (const conn of this.#conns.keys()) this.#close(conn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#listener.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // it was disposed of before
    }
    for (const timer of this.#late) clearTimeout(timer);
    const serving = [...this.#conns.values()];
    this.dropConnections();
    await Promise.all([this.#accepting, ...serving]);
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) {
      this.accepted++;
      conn.setNoDelay(true);
      this.#conns.set(conn, this.#serve(conn));
    }
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    const bytes = new Uint8Array(4096);
    let end = 0;
    try {
      while (true) {
        const count = await conn.read(bytes.subarray(end));
        if (count === null) break;
        end += count;
        let begin = 0;
        for (; end - begin >= 12; begin += 12) await this.#answer(conn, bytes.slice(begin, begin + 12));
        bytes.copyWithin(0, begin, end);
        end -= begin;
      }
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    } finally {
      this.#close(conn);
    }
  }

  #close(conn: Deno.TcpConn): void {
    if (!this.#conns.delete(conn)) return;
    conn.close();
  }

  async #answer(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
    const view = new DataView(bytes.buffer);
    const read = {
      unit: view.getUint8(6),
      table: TABLES[view.getUint8(7)],
      start: view.getUint16(8),
      count: view.getUint16(10),
    };
    this.requests++;
    if (!isRead(read)) return await send(conn, exception(bytes, 1));
    this.seen.push(read);
    if (this.seen.length > KEPT_READS) this.seen.shift();
    if (this.#silent.has(read.unit)) return;
    const answer = this.#answerTo(bytes, read);
    const fault = this.#faults.shift() ?? (this.#spoiling?.table === read.table ? this.#spoiling.fault : undefined);
    if (fault) await this.#spoilt(conn, answer, fault);
    else await send(conn, answer);
    if (this.#isHangingUp) this.#close(conn);
  }

  #answerTo(request: Uint8Array, read: SeenRead): Uint8Array {
    const refused = this.#refusing.find((each) => touches(each, read));
    if (refused) return exception(request, refused.code);
    if (read.count > (this.#most.get(read.table) ?? Infinity)) return exception(request, 3);
    return this.#data(request, read);
  }

  #data(request: Uint8Array, read: SeenRead): Uint8Array {
    this.#stepCounters(read);
    const values = this.#registers[read.table].subarray(read.start, read.start + read.count);
    if (values.length < read.count) return exception(request, 2);
    return frame(request, read.table === "coil" || read.table === "discrete" ? packBits(values) : packWords(values));
  }

  #stepCounters({ table, start, count }: SeenRead): void {
    for (const [key, value] of this.#counters) {
      const [ofTable, address] = key.split(" ");
      if (ofTable !== table || Number(address) < start || Number(address) + 2 > start + count) continue;
      this.#counters.set(key, value + 1);
      this.setRegister(table, Number(address), ((value + 1) >>> 16) & 0xffff, (value + 1) & 0xffff);
    }
  }

  async #spoilt(conn: Deno.TcpConn, answer: Uint8Array, fault: Fault): Promise<void> {
    switch (fault.kind) {
      case "none":
        return;
      case "drop":
        return this.#close(conn);
      case "late": {
        const timer = setTimeout(() => {
          this.#late.delete(timer);
          void send(conn, answer);
        }, fault.ms);
        this.#late.add(timer);
        return;
      }
      case "in_pieces":
        for (const byte of answer) await send(conn, Uint8Array.of(byte));
        return;
      default:
        return await send(conn, corrupt(answer, fault.kind));
    }
  }
}

function isRead(read: { table: Table | undefined }): read is SeenRead {
  return read.table !== undefined;
}

function touches(refusing: Refusing, { unit, table, start, count }: SeenRead): boolean {
  if (refusing.unit !== undefined && refusing.unit !== unit) return false;
  return refusing.table === table && refusing.from < start + count && refusing.to >= start;
}

function packBits(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries()) {
    if (value) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  }
  return bytes;
}

function packWords(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setUint16(2 * index, values[index] ?? 0);
  return bytes;
}

function frame(request: Uint8Array, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(9 + data.length);
  bytes.set(request.subarray(0, 8));
  new DataView(bytes.buffer).setUint16(4, 3 + data.length);
  bytes[8] = data.length;
  bytes.set(data, 9);
  return bytes;
}

function exception(request: Uint8Array, code: number): Uint8Array {
  const bytes = Uint8Array.of(...request.subarray(0, 8), code);
  bytes[5] = 3;
  bytes[7] = (request[7] ?? 0) | 0x80;
  return bytes;
}

function corrupt(answer: Uint8Array, kind: Exclude<Fault["kind"], "none" | "drop" | "late" | "in_pieces">): Uint8Array {
  const bytes = answer.slice();
  const at = { wrong_transaction: 0, not_modbus: 2, wrong_unit: 6, wrong_length: 8 }[kind];
  bytes[at] = (bytes[at] ?? 0) ^ 0x55;
  return bytes;
}

async function send(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  try {
    await conn.write(bytes);
  } catch (error) {
    if (!isDisconnect(error)) throw error;
  }
}

/** The other side has gone, or we closed it here. */
function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}
