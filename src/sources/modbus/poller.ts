import { ConnectionError } from "../../core/error.ts";
import type { Batch } from "../../core/reading.ts";
import type { SourceDeps } from "../../core/source.ts";
import { abortable } from "../../lib/condition.ts";
import type { DeviceMemory } from "./device_memory.ts";
import { exceptionText, isAboutExtent, isPassing, isUnitSilent } from "./exception_code.ts";
import type { Link } from "./link.ts";
import { AnswerError, type Outcome } from "./outcome.ts";
import { looksAlike } from "./pdu.ts";
import { LostTime } from "./lost_time.ts";
import type { Slice } from "./plan.ts";
import { placeOf, tagOfSlice } from "./place.ts";
import type { ModbusReading } from "./reading.ts";
import { fitValues, readingsOf } from "./readings_of.ts";
import { holeOf, isAsked, type Poll } from "./poll.ts";
import type { Schedule } from "./schedule.ts";
import { SkipCounter } from "./skip_counter.ts";
import type { TagFailures } from "./tag_failures.ts";
import type { UnitBreaker } from "./unit_breaker.ts";

/** Time-outs in a row, without any answer between, after which the connection is taken for dead. */
const MAX_SILENT_READS = 3;
/** How often what a full queue costs is counted while it lasts. */
const TELL_HELD_MS = 1000;
const NO_VALUE = "it has no value: its registers hold no_value";
const NO_BCD = "it holds no BCD number, but a digit above 9: check data_type, byte_order and address";

export interface PollerOptions {
  readonly timeoutMs: number;
  readonly requestDelayMs: number;
  /** What to say where nothing answers. */
  readonly silence: string;
}

/** Sends the requests of one session, one after another, each when it is due. */
export class Poller {
  readonly #link: Link;
  readonly #deps: SourceDeps;
  readonly #options: PollerOptions;
  readonly #units: UnitBreaker;
  readonly #schedule: Schedule;
  readonly #failures: TagFailures;
  readonly #skips: SkipCounter;
  readonly #lostTime = new LostTime();
  /** The units asked since the last answer of any kind, and how often. */
  readonly #silentUnits = new Set<number>();
  #silentReads = 0;

  constructor(link: Link, memory: DeviceMemory, options: PollerOptions & { deps: SourceDeps }) {
    const { deps } = options;
    this.#link = link;
    this.#deps = deps;
    this.#options = options;
    this.#units = memory.units;
    this.#schedule = memory.schedule;
    this.#failures = memory.failures;
    this.#skips = new SkipCounter((event) => deps.report(event));
    this.#schedule.begin(deps.clock.monotonicMs());
  }

  /**
   * A batch per answer. While nobody takes it no request is sent, and what falls due meanwhile is skipped.
   * @throws {ConnectionError} the connection is lost, or nothing on it answers
   */
  async *batches(signal: AbortSignal): AsyncGenerator<Batch> {
    const { lost } = this.#link;
    const { clock } = this.#deps;
    const ended = AbortSignal.any([signal, lost]);
    for (const event of this.#failures.known()) this.#deps.report(event);
    using held = clock.every(TELL_HELD_MS, () => this.#tellHeld());
    ended.addEventListener("abort", () => held[Symbol.dispose](), { once: true }); // while nobody takes the batch
    try {
      while (true) {
        const readings = await this.#pollNext(ended);
        if (readings.length === 0) continue;
        this.#lostTime.hold(clock.monotonicMs());
        yield batchOf(readings);
        this.#lostTime.taken(clock.monotonicMs());
      }
    } catch (error) {
      if (!signal.aborted) throw lost.aborted ? lost.reason : error;
    } finally {
      const nowMs = clock.monotonicMs();
      if (this.#lostTime.isHeld) this.#skips.add(this.#schedule.missed(nowMs), "queue_full", nowMs);
      this.#skips.flush();
    }
  }

  /** What is skipped while the queue is full is told at once: that may last for days. */
  #tellHeld(): void {
    if (!this.#lostTime.isHeld) return;
    const nowMs = this.#deps.clock.monotonicMs();
    this.#skips.add(this.#schedule.skip(nowMs), "queue_full", nowMs);
  }

  /** Waits for the next request's time and sends it. @returns what it read; nothing where it failed */
  async #pollNext(ended: AbortSignal): Promise<ModbusReading[]> {
    const { clock } = this.#deps;
    ended.throwIfAborted();
    const { poll, dueMs } = this.#schedule.next(clock.monotonicMs());
    const waitMs = dueMs - clock.monotonicMs();
    if (waitMs > 0) await clock.sleep(waitMs, ended);
    const sentMs = clock.monotonicMs();
    const outcome = await this.#ask(poll, ended);
    if (isSilence(outcome)) this.#lostTime.silence(clock.monotonicMs() - sentMs);
    const readings = this.#take(poll, outcome);
    if (this.#options.requestDelayMs > 0) await clock.sleep(this.#options.requestDelayMs, ended);
    return readings;
  }

  async #ask(poll: Poll, ended: AbortSignal): Promise<Outcome> {
    try {
      return await abortable(this.#link.read(poll.request), ended);
    } catch (error) {
      if (error instanceof AnswerError) this.#onBreak(poll, error);
      throw error;
    }
  }

  #onBreak(poll: Poll, { reason }: AnswerError): void {
    const isToBlame = this.#schedule.broke(poll, this.#deps.clock.monotonicMs());
    if (isToBlame) this.#fail(poll.request.slices, `reading it ends the connection: ${reason}`);
  }

  #fail(slices: readonly Slice[], reason: string, tagOf = tagOfSlice): void {
    for (const event of this.#failures.fail(slices, reason, tagOf)) this.#deps.report(event);
  }

  #take(poll: Poll, outcome: Outcome): ModbusReading[] {
    const { request } = poll;
    if (outcome.kind === "timeout") this.#onTimeout(poll, outcome);
    else this.#onAnswer();
    if (outcome.kind === "exception") this.#onException(poll, outcome.code);
    if (outcome.kind !== "data") return [];
    const isFirst = !isAsked(poll);
    const wasHole = this.#schedule.gave(poll);
    this.#goOn(poll, isFirst);
    this.#units.answered(request.slaveId);
    if (wasHole) this.#schedule.closeHole(poll);
    const { readings, unfit } = readingsOf(request, outcome.data, outcome.arrivedUs);
    const fit = unfit.length === 0 ? request.slices : fitValues(request.slices, unfit);
    for (const event of this.#failures.recover(fit)) this.#deps.report(event);
    for (const slice of unfit) this.#fail([slice], whyUnfit(slice));
    return readings;
  }

  #goOn(poll: Poll, isFirst = !isAsked(poll)): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const skipped = this.#schedule.done(poll, nowMs);
    const { slaveId, intervalMs } = poll.request;
    const isUnitSilent = this.#units.retryAtMs(slaveId) > 0;
    this.#skips.add(skipped, this.#lostTime.turn(poll, { lateMs: skipped * intervalMs, isUnitSilent }), nowMs);
    if (isFirst) this.#tellHoles(poll);
  }

  #onAnswer(): void {
    this.#schedule.answered();
    this.#silentReads = 0;
    this.#silentUnits.clear();
  }

  #onTimeout(poll: Poll, { heard, clearAtMs }: Extract<Outcome, { kind: "timeout" }>): void {
    const { slaveId } = poll.request;
    this.#silentReads++;
    this.#silentUnits.add(slaveId);
    if (this.#silentReads >= MAX_SILENT_READS && this.#schedule.units.size === this.#silentUnits.size) {
      throw new ConnectionError("modbus_silent", this.#silence(slaveId, heard));
    }
    const silence = heard ?? this.#units.lateText([slaveId]) ?? `did not answer within ${this.#options.timeoutMs} ms`;
    // Its other requests whose answers look like the one that may still come wait here, and not on the line.
    const isAlike = this.#schedule.ofUnit(slaveId).some((each) =>
      each !== poll.request && looksAlike(each, poll.request)
    );
    this.#onUnitSilent(poll, `unit ${slaveId} ${silence}`, isAlike ? clearAtMs : undefined);
  }

  /** Why the session ends when no unit answers. */
  #silence(slaveId: number, heard: string | undefined): string {
    if (heard !== undefined) return `${this.#options.silence}: unit ${slaveId} ${heard}`;
    const lateText = this.#units.lateText(this.#silentUnits);
    if (lateText !== undefined) return `The device ${lateText}`;
    const last = `the last ${this.#silentReads} requests got no answer within ${this.#options.timeoutMs} ms`;
    return `${this.#options.silence}: ${last}`;
  }

  #onUnitSilent(poll: Poll, reason: string, clearAtMs?: number): void {
    const { slaveId } = poll.request;
    const failures = this.#units.failed(slaveId, this.#deps.clock.monotonicMs(), clearAtMs);
    this.#goOn(poll);
    // One lost answer is that request's matter; after the second the unit counts as gone, with all that is read of it.
    const ofPoll = holeOf(poll) === undefined ? [poll.request] : [];
    const requests = failures > 1 ? this.#schedule.ofUnit(slaveId) : ofPoll;
    for (const request of requests) this.#fail(request.slices, reason, (slice) => slice.mapping.name);
  }

  #onException(poll: Poll, code: number): void {
    const { request } = poll;
    const text = exceptionText(code);
    if (isUnitSilent(code)) return this.#onUnitSilent(poll, `unit ${request.slaveId}: ${text}`);
    this.#units.answered(request.slaveId);
    if (isAboutExtent(code)) return this.#onRefusal(poll, text);
    if (isPassing(code)) this.#goOn(poll);
    else this.#schedule.refused(poll, this.#deps.clock.monotonicMs());
    this.#fail(request.slices, `the device answers ${text} for ${placeOf(request)}`);
    this.#tellHoles(poll);
  }

  /** Smaller and smaller parts show what it is that the device does not have. */
  #onRefusal(poll: Poll, text: string): void {
    const { request, origin } = poll;
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#schedule.split(poll, nowMs)) {
      if (request !== origin) return;
      const what = `${placeOf(request)} of unit ${request.slaveId}`;
      return this.#deps.log.log("info", `Reading ${what} in smaller parts: as a whole the device answers ${text}`);
    }
    if (this.#schedule.defer(poll, nowMs)) return;
    this.#schedule.refusedForGood(poll, text, nowMs);
    this.#tellHoles(poll);
  }

  /** What is known of a planned request, once every part of it was asked. */
  #tellHoles(poll: Poll): void {
    const { origin } = poll;
    if (poll.request === origin && holeOf(poll) === undefined) return;
    this.#schedule.remember(origin, this.#deps.clock.monotonicMs());
    for (const { request, hole } of this.#schedule.holesOf(origin)) {
      this.#fail(request.slices, `the device answers ${hole} for ${placeOf(request)}`);
    }
  }
}

function whyUnfit({ mapping: { dataType, noValue } }: Slice): string {
  if (!dataType.startsWith("bcd")) return NO_VALUE;
  return noValue === undefined ? NO_BCD : `${NO_VALUE}, or a digit above 9`;
}

/** The unit gave no answer, and the time for it has passed. */
function isSilence(outcome: Outcome): boolean {
  return outcome.kind === "timeout" || (outcome.kind === "exception" && isUnitSilent(outcome.code));
}

/** The device keeps nothing for us: there is nobody to tell. */
function batchOf(readings: readonly ModbusReading[]): Batch {
  return { readings, isWithheld: false, ack: nothing, nack: nothing };
}

function nothing(): void {}
