import type { Clock } from "../../../core/clock.ts";
import { reasonOf } from "../../../core/error.ts";
import type { Connection } from "../link.ts";
import { AnswerError, type Outcome } from "../outcome.ts";
import { dataBytesOf, EXCEPTION_FLAG, type ReadRange } from "../pdu.ts";
import { type Abandoned, isAnswer } from "./abandoned.ts";
import type { ByteLine } from "./byte_line.ts";
import type { Framing, LineFrame } from "./framing.ts";
import { Heard } from "./heard.ts";
import { adviceFor, foreignFault, type LineFault, type LineFaultKind, restFault } from "./line_fault.ts";

export interface FramedOptions {
  readonly framing: Framing;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** What was given up, here and on earlier connections to the line: late answers come all the same. */
  readonly abandoned: Abandoned;
  /** An answer came `afterMs` from its request, which was given up before. */
  onLate(slaveId: number, afterMs: number): void;
  /** Something came that is no answer. */
  onFault(kind: LineFaultKind): void;
}

/** After an answer that is damaged nothing is waited for but the end of a burst. */
const AFTER_MS = 50;

/** A request on its way. Times are monotonic. */
interface Exchange {
  readonly range: ReadRange;
  readonly request: Uint8Array<ArrayBuffer>;
  readonly sentMs: number;
  deadlineMs: number;
  readonly heard: Heard;
  /** What was worst of all that came. */
  fault: LineFault | undefined;
}

/**
 * Requests and answers over a line on which frames bear no number, one at a time (Modbus over Serial Line V1.02, 2.4.1).
 * An answer is taken only from a frame whose check sum, unit, function and length are those of the request, wherever in
 * the noise it lies. Nothing that comes ends the line: the next request begins after a silence.
 */
export class FramedConnection implements Connection {
  readonly #line: ByteLine;
  readonly #options: FramedOptions;
  readonly #abandoned: Abandoned;
  /** Whether requests come back on the line; undefined until it can be told. */
  #hasEcho: boolean | undefined;
  #hasAnswered = false;
  /** When the line was last in use. */
  #usedMs = -Infinity;

  /** Owns `line`. */
  constructor(line: ByteLine, options: FramedOptions) {
    this.#line = line;
    this.#options = options;
    this.#abandoned = options.abandoned;
  }

  get lost(): AbortSignal {
    return this.#line.lost;
  }

  get isWorthReopening(): boolean {
    return this.#line.kind === "remote" && this.lost.aborted && this.#hasAnswered;
  }

  async read(range: ReadRange): Promise<Outcome> {
    this.lost.throwIfAborted();
    try {
      if (!await this.#isSilent(range)) return { kind: "timeout", heard: this.#babble() };
      if (this.#abandoned.isDoubtful(range, this.#nowMs) && !await this.#isDrained(range)) return this.#unasked();
      return await this.#exchange(range);
    } catch (error) {
      // A gateway may close the connection because of this request; a line that is pulled means none.
      if (!this.lost.aborted || this.#line.kind === "serial") throw error;
      throw new AnswerError(reasonOf(error), { reason: reasonOf(error), cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Waits for silence, and until no late answer can be taken for that to `range`. @returns false when there is none */
  async #isSilent(range: ReadRange): Promise<boolean> {
    const startedMs = this.#nowMs;
    const heard = new Heard(this.#options.framing);
    while (true) {
      const silentFromMs = this.#usedMs + this.#line.silenceMs;
      const clashMs = this.#abandoned.clashUntilMs(range);
      const bytes = await this.#line.receive(Math.max(0, silentFromMs - this.#nowMs, clashMs - this.#nowMs));
      if (bytes.length === 0) break;
      heard.add(bytes);
      this.#usedMs = this.#nowMs;
      for (let frame = heard.takeFrame(); frame; frame = heard.takeFrame()) this.#takeStray(frame);
      if (this.#nowMs > Math.max(clashMs, startedMs) + this.#options.timeoutMs) return false;
    }
    if (heard.restWithout(new Uint8Array()).rest.length > 0) this.#options.onFault("noise");
    return true;
  }

  /** Asks the unit something else. @returns whether what it was asked before can be answered no more */
  async #isDrained(range: ReadRange): Promise<boolean> {
    const probe = this.#abandoned.probeFor(range, this.#nowMs);
    if (!probe) return false;
    const { kind } = await this.#exchange(probe.range);
    if (kind !== "timeout") this.#abandoned.proven(probe);
    return !this.#abandoned.isDoubtful(range, this.#nowMs) && await this.#isSilent(range);
  }

  #unasked(): Outcome {
    const heard = "was not asked, since an answer to what it was asked before may still come";
    return { kind: "timeout", heard, clearAtMs: this.#nowMs + this.#options.timeoutMs };
  }

  #takeStray(frame: LineFrame): void {
    const late = this.#abandoned.settle(frame, this.#nowMs);
    if (late) this.#options.onLate(late.range.slaveId, late.afterMs);
    else this.#options.onFault("foreign");
  }

  async #exchange(range: ReadRange): Promise<Outcome> {
    const { framing, timeoutMs } = this.#options;
    const request = framing.encode(range);
    await this.#line.send(request);
    const sentMs = this.#usedMs = this.#nowMs;
    const transferMs = this.#line.transferMs(request.length + framing.lengthOf(dataBytesOf(range)));
    const deadlineMs = sentMs + timeoutMs + transferMs;
    const exchange: Exchange = {
      range,
      request,
      sentMs,
      deadlineMs,
      heard: new Heard(framing),
      fault: undefined,
    };
    for (let leftMs = timeoutMs + transferMs; leftMs > 0; leftMs = exchange.deadlineMs - this.#nowMs) {
      const bytes = await this.#line.receive(leftMs);
      const outcome = bytes.length > 0 ? this.#take(exchange, bytes) : undefined;
      if (outcome) return outcome;
    }
    return this.#giveUp(exchange);
  }

  #take(exchange: Exchange, bytes: Uint8Array): Outcome | undefined {
    const { heard, range } = exchange;
    this.#usedMs = this.#nowMs;
    heard.add(bytes);
    for (let frame = heard.takeFrame(); frame; frame = heard.takeFrame()) {
      if (this.#isEcho(frame.bytes, exchange)) continue;
      if (isAnswer(frame, range) && !this.#isLateException(frame, range)) return this.#answered(exchange, frame);
      this.#takeOther(exchange, frame);
    }
    if (this.#tornBy(exchange) === "checksum") {
      exchange.deadlineMs = Math.min(exchange.deadlineMs, this.#nowMs + AFTER_MS);
    }
    return undefined;
  }

  /** An answer of 3 data bytes may look like its request: it is one where requests are known not to come back. */
  #isEcho(bytes: Uint8Array, { request }: Exchange): boolean {
    if (this.#hasEcho === false || bytes.length !== request.length) return false;
    return bytes.every((byte, index) => byte === request[index]);
  }

  #isLateException(frame: LineFrame, range: ReadRange): boolean {
    return (frame.functionCode & EXCEPTION_FLAG) !== 0 && this.#abandoned.isUnsure(range, this.#nowMs);
  }

  #takeOther(exchange: Exchange, frame: LineFrame): void {
    const late = this.#abandoned.settle(frame, this.#nowMs);
    if (late) return this.#options.onLate(late.range.slaveId, late.afterMs);
    exchange.fault = foreignFault(frame, exchange.range.slaveId);
    this.#options.onFault("foreign");
  }

  #answered({ heard, range, request, sentMs }: Exchange, { functionCode, data }: LineFrame): Outcome {
    const { rest, hasEcho } = heard.restWithout(request);
    if (rest.length > 0) this.#options.onFault("noise");
    if (hasEcho || dataBytesOf(range) !== 3) this.#hasEcho = hasEcho;
    this.#hasAnswered = true;
    this.#abandoned.again(range, sentMs, this.#nowMs);
    if (!(functionCode & EXCEPTION_FLAG)) this.#abandoned.answered(range, sentMs);
    if (functionCode & EXCEPTION_FLAG) return { kind: "exception", code: data[0] ?? 0 };
    return { kind: "data", data: new DataView(data.buffer, 1), arrivedUs: this.#options.clock.nowUs() };
  }

  #giveUp(exchange: Exchange): Outcome {
    const { heard, range, request, sentMs, deadlineMs, fault } = exchange;
    const { rest } = heard.restWithout(request);
    const torn = this.#tornBy(exchange);
    // What came damaged is the answer: it comes no more.
    const clear = torn ? {} : { clearAtMs: this.#abandoned.add(range, sentMs, deadlineMs) };
    if (rest.length === 0) return { kind: "timeout", ...(fault ? { heard: fault.text } : {}), ...clear };
    const found = restFault(rest, torn);
    this.#options.onFault(found.kind);
    const advice = this.#hasAnswered || found.isAdvice ? "" : `: ${adviceFor(this.#line.kind)}`;
    return { kind: "timeout", heard: found.text + advice, ...clear };
  }

  #tornBy({ heard, request, range }: Exchange): "truncated" | "checksum" | undefined {
    return this.#options.framing.tornAnswer(heard.restWithout(request).rest, range);
  }

  #babble(): string {
    this.#options.onFault("noise");
    const advice = this.#hasAnswered ? "look for a second master" : adviceFor(this.#line.kind);
    return `was not asked, since ${this.#line.name} is never silent: ${advice}`;
  }
}
