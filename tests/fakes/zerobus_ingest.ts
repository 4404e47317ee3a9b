import { EventEmitter } from "node:events";
import type { CallStatus, IngestCall, IngestConnection, OpensCalls } from "../../src/sinks/zerobus/channel.ts";
import { ProtoReader } from "../../src/lib/proto_reader.ts";
import { ProtoWriter } from "../../src/lib/proto_writer.ts";
import { find } from "../../src/sinks/zerobus/wire.ts";

/** One request that a fake stream received. */
export interface FakeRequest {
  readonly offset: number;
  readonly rows: readonly Uint8Array[];
}

/** The far side of one stream. Answers come a microtask later, as from a network. */
export class FakeCall implements IngestCall {
  readonly #events = new EventEmitter();
  readonly #ingest: FakeIngest;
  readonly token: string;
  readonly requests: FakeRequest[] = [];
  create: Uint8Array | undefined;
  isHalfClosed = false;
  isCancelled = false;
  isClosed = false;
  /** What was written and has not left. */
  readonly sending: { readonly request: Uint8Array; written(): void }[] = [];
  /** What is written leaves when the test says so. */
  isSlow = false;
  /** What `write` says. */
  hasRoom = true;
  #isOver = false;

  constructor(ingest: FakeIngest, token: string) {
    this.#ingest = ingest;
    this.token = token;
  }

  on(event: string, listener: (...values: never[]) => void): void {
    this.#events.on(event, listener as (...values: unknown[]) => void); // the emitter knows no types
  }

  write(request: Uint8Array, written: () => void = () => {}): boolean {
    this.sending.push({ request, written });
    queueMicrotask(() => this.#receive(request.slice()));
    if (!this.isSlow) queueMicrotask(() => this.sent());
    return this.hasRoom;
  }

  /** The oldest that is on its way has left: nobody needs its bytes any more. */
  sent(): void {
    this.sending.shift()?.written();
  }

  end(): void {
    this.isHalfClosed = true;
    if (this.#ingest.endsHalfClosed) queueMicrotask(() => this.endWith(0, ""));
  }

  cancel(): void {
    this.isCancelled = true;
    queueMicrotask(() => this.endWith(1, "cancelled"));
  }

  created(streamId: string): void {
    this.#respond((writer) => writer.string(10, streamId), 1);
  }

  ack(upTo: number | undefined): void {
    this.#respond((writer) => upTo !== undefined && writer.int64(8, upTo), 2);
  }

  closeSignal(seconds: number): void {
    this.#respond((writer) => {
      writer.int64(8, seconds);
      const duration = writer.finish();
      writer.bytes(10, duration);
    }, 3);
  }

  raw(bytes: Uint8Array): void {
    this.#events.emit("data", bytes);
  }

  drain(): void {
    this.hasRoom = true;
    this.#events.emit("drain");
  }

  /** Ends the stream as the service would. */
  endWith(code: number, details: string, bin?: Uint8Array): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const status: CallStatus = { code, details, metadata: { get: () => bin ? [bin] : [] } };
    this.#events.emit("status", status);
  }

  #respond(write: (writer: ProtoWriter) => unknown, number: number): void {
    const writer = new ProtoWriter();
    write(writer);
    const inner = writer.finish();
    writer.bytes((number << 3) | 2, inner);
    this.raw(writer.finish());
  }

  #receive(request: Uint8Array): void {
    if (this.#isOver) return;
    const create = find(request, 1)?.value();
    if (create) {
      this.create = create;
      return this.#ingest.opened(this, this.#ingest.calls.indexOf(this));
    }
    const ingest = find(request, 3)?.value() ?? new Uint8Array();
    const rows: Uint8Array[] = [];
    const field = new ProtoReader(find(ingest, 2)?.value() ?? new Uint8Array());
    while (field.next()) rows.push(field.value());
    const received = { offset: Number(find(ingest, 1)?.int64() ?? -1n), rows };
    this.requests.push(received);
    this.#ingest.received(this, received);
  }
}

/** A service without a network, whose answers a test decides. By itself it opens every stream and acknowledges at once. */
export class FakeIngest implements OpensCalls {
  readonly calls: FakeCall[] = [];
  readonly stored: Uint8Array[] = [];
  /** Whether a half-closed stream ends with OK by itself. */
  endsHalfClosed = true;
  opened: (call: FakeCall, index: number) => void = (call, index) => call.created(`s${index}`);
  received: (call: FakeCall, request: FakeRequest) => void = (call, request) => this.take(call, request);

  open(token: string): IngestConnection {
    const call = new FakeCall(this, token);
    this.calls.push(call);
    return { call, close: () => void (call.isClosed = true) };
  }

  /** The newest stream. */
  get last(): FakeCall {
    const call = this.calls.at(-1);
    if (!call) throw new Error("no stream was opened");
    return call;
  }

  /** Stores the rows of a request and acknowledges it. */
  take(call: FakeCall, request: FakeRequest): void {
    this.stored.push(...request.rows);
    call.ack(request.offset);
  }
}
