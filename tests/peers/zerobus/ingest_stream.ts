import { DelayedAcks } from "./acks.ts";
import { matchDescriptor } from "./descriptor.ts";
import type { FaultPlan, FaultSchedule, StreamFault } from "./fault.ts";
import { jsonRecordReader } from "./json_record.ts";
import { MessageFrames } from "./message_frames.ts";
import { type ReadRecord, recordReader } from "./record.ts";
import * as wire from "./request.ts";
import type { ServerCall } from "./server_call.ts";
import { Code, Refused, schemaRefused, STREAM_TIMEOUT } from "./status.ts";
import type { Store } from "./store.ts";
import type { StoredRow } from "./table.ts";

/** Most bytes and records of one request (docs.databricks.com, "Zerobus Ingest limits"). */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
export const MAX_REQUEST_RECORDS = 100_000;

/** Says why a row is refused, as causes of SCHEMA_VALIDATION_FAILED; undefined when it is taken. */
export type Poison = (table: string, row: StoredRow) => string | undefined;

/** What all streams of the service share. */
export interface StreamContext {
  readonly store: Store;
  readonly faults: FaultSchedule;
  readonly ackDelayMs: number;
  /** `light`: records are counted, not decoded. */
  readonly verify: "full" | "light";
  /** Whether acknowledgements are kept back at the moment. */
  readonly isWithholding: () => boolean;
  readonly poison: () => Poison | undefined;
  /** Announces the end of each stream `everyMs` after its opening. */
  readonly rotation: { readonly everyMs: number; readonly graceMs: number } | undefined;
  readonly opened: (stream: IngestStream) => void;
  readonly closed: (stream: IngestStream) => void;
  readonly refused: (where: string, status: number, message: string) => void;
}

/** One ingest stream, from `create_stream` to its end. */
export class IngestStream {
  readonly id: string = crypto.randomUUID();
  /** From the header `x-databricks-zerobus-table-name`. */
  readonly table: string;
  readonly userAgent: string;
  readonly #call: ServerCall;
  readonly #context: StreamContext;
  readonly #frames = new MessageFrames(MAX_REQUEST_BYTES);
  readonly #acks: DelayedAcks;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #read: ReadRecord | undefined;
  #recordType = 0;
  #stored = -1;
  #queued = -1;
  #acked = -1;
  #isHalfClosed = false;
  #isLosingAcks = false;
  #isOver = false;

  constructor(call: ServerCall, headers: { table: string; userAgent: string }, context: StreamContext) {
    this.#call = call;
    this.table = headers.table;
    this.userAgent = headers.userAgent;
    this.#context = context;
    this.#acks = new DelayedAcks(context.ackDelayMs, (upTo) => this.#acknowledge(upTo));
  }

  /** Requests with records that were stored. */
  get requests(): number {
    return this.#stored + 1;
  }

  /** The call is over. */
  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#acks.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#context.closed(this);
  }

  /** Acknowledges what is stored, unless acknowledgements are kept back. */
  acknowledgeStored(): void {
    if (this.#stored === this.#queued || this.#context.isWithholding() || this.#isLosingAcks || this.#isOver) return;
    this.#queued = this.#stored;
    if (this.#context.ackDelayMs === 0) this.#acknowledge(this.#stored);
    else this.#acks.add(this.#stored);
  }

  strike(fault: StreamFault): void {
    switch (fault.kind) {
      case "status":
        return this.#over(() => this.#call.end(fault.status));
      case "end_without_status":
        return this.#over(() => this.#call.endWithoutStatus(fault.isReset ?? false));
      case "reset_stream":
        return this.#over(() => this.#call.resetStream());
      case "reset_connection":
        return this.#over(() => this.#call.resetConnection());
      case "goaway":
        this.#call.goAway();
        return this.#after(fault.graceMs, () => this.#over(() => this.#call.closeConnection()));
      case "freeze":
        return this.#over(() => this.#call.freeze());
      case "close_signal":
        this.#call.write(wire.closeSignalResponse(fault.graceMs));
        return this.#after(fault.graceMs, () => this.#over(() => this.#call.end(STREAM_TIMEOUT)));
      case "ack":
        return this.#call.write(wire.ackResponse(fault.upTo));
      case "lose_acks":
        this.#isLosingAcks = true;
        return;
      default:
        fault satisfies never;
    }
  }

  /** Takes a part of the request's body. */
  receive(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#frames.push(chunk, (message) => this.#take(message));
    } catch (error) {
      return this.#refuse(error);
    }
    this.acknowledgeStored();
  }

  #take(message: Uint8Array): void {
    if (this.#isOver) return;
    const request = wire.readRequest(message);
    if (request.kind === "create") return this.#open(request);
    if (!this.#read) throw new Refused(Code.INVALID_ARGUMENT, "the first request must be create_stream");
    const plan = this.#context.faults.take("request", this.table);
    if (!plan || plan.isStored || isLater(plan)) this.#ingest(request);
    if (plan) this.strike(plan.fault);
  }

  #open({ table, descriptor, recordType }: wire.StreamRequest & { kind: "create" }): void {
    if (this.#read) throw new Refused(Code.INVALID_ARGUMENT, "the stream is open already");
    const plan = this.#context.faults.take("open", this.table);
    if (plan) return this.strike(plan.fault);
    if (table !== this.table) {
      throw new Refused(Code.INVALID_ARGUMENT, `table_name is ${table}, and the header names ${this.table}`);
    }
    const found = this.#context.store.find(table);
    if (!found) throw new Refused(Code.NOT_FOUND, `Table ${table} does not exist`);
    if (recordType === wire.RECORD_TYPE.PROTO) this.#read = recordReader(matchDescriptor(descriptor, found));
    else if (recordType === wire.RECORD_TYPE.JSON) this.#read = jsonRecordReader(found);
    else throw new Refused(Code.INVALID_ARGUMENT, `record_type ${recordType} is not supported`);
    this.#recordType = recordType;
    this.#call.write(wire.createdResponse(this.id));
    this.#context.opened(this);
    const { rotation } = this.#context;
    if (rotation) this.#after(rotation.everyMs, () => this.strike({ kind: "close_signal", graceMs: rotation.graceMs }));
  }

  #ingest({ offset, recordType, body }: wire.StreamRequest & { kind: "ingest" }): void {
    if (offset !== this.#stored + 1) {
      throw new Refused(Code.OUT_OF_RANGE, `offset_id is ${offset} where ${this.#stored + 1} is due`);
    }
    if (recordType !== this.#recordType) throw new Refused(Code.INVALID_ARGUMENT, "the records are of another type");
    const count = wire.countRecords(body);
    if (count === 0 || count > MAX_REQUEST_RECORDS) {
      throw new Refused(Code.INVALID_ARGUMENT, `a request of ${count} records; it takes 1 to ${MAX_REQUEST_RECORDS}`);
    }
    if (this.#context.verify === "light") this.#context.store.appendCount(this.table, count);
    else this.#context.store.append(this.table, wire.recordsOf(body).map((record) => this.#readRecord(record)));
    this.#stored++;
  }

  #readRecord(record: Uint8Array): StoredRow {
    const row = this.#read?.(record) ?? {};
    const causes = this.#context.poison()?.(this.table, row);
    if (causes !== undefined) throw schemaRefused(causes);
    return row;
  }

  #acknowledge(upTo: number): void {
    if (this.#isLosingAcks || this.#isOver) return;
    if (this.#context.isWithholding()) {
      this.#queued = this.#acked;
      return;
    }
    this.#acked = upTo;
    this.#call.write(wire.ackResponse(upTo));
    this.#endIfDone();
  }

  /** The client will send nothing more: once everything is acknowledged, the stream ends with OK. */
  halfClosed(): void {
    this.#isHalfClosed = true;
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#isHalfClosed && this.#acked === this.#stored) this.#over(() => this.#call.end({ code: Code.OK }));
  }

  #refuse(error: unknown): void {
    const refused = error instanceof RangeError
      ? new Refused(Code.INVALID_ARGUMENT, `the request cannot be decoded: ${error.message}`)
      : error;
    if (!(refused instanceof Refused)) throw error;
    this.#context.refused(this.table, refused.status.code, refused.message);
    if (this.#stored > this.#acked) this.#acknowledge(this.#stored);
    this.#over(() => this.#call.end(refused.status));
  }

  #over(end: () => void): void {
    if (this.#isOver) return;
    this.dispose();
    end();
  }

  /** Without a time, at once: no acknowledgement may come in between. */
  #after(ms: number | undefined, act: () => void): void {
    if (!ms) return act();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

/** Whether a fault leaves the stream able to take its request. */
function isLater({ fault }: FaultPlan): boolean {
  if (fault.kind === "goaway") return fault.graceMs !== undefined && fault.graceMs > 0;
  return fault.kind === "close_signal" || fault.kind === "lose_acks" || fault.kind === "ack";
}
