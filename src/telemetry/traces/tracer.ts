import type { Clock } from "../../core/clock.ts";
import { codeOf } from "../../core/error.ts";
import type { Attributes, Span, SpanKind, SpanOptions, TraceContext, TraceOptions, Tracer } from "../../lib/tracing.ts";
import type { FinishedSpan } from "./finished_span.ts";
import type { TraceScope } from "./trace_scope.ts";

export interface SpanMakerOptions {
  /** Part of the traces that is made, from 0 to 1. */
  readonly ratio: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly clock: Pick<Clock, "nowUs" | "monotonicMs">;
  readonly scope: TraceScope;
  /** Takes each span that is over. Never throws, never waits. */
  readonly finished: (span: FinishedSpan) => void;
}

/** Makes the spans of the traces that chance, or a caller, chooses. */
export class SpanMaker implements Tracer {
  readonly #options: SpanMakerOptions;

  constructor(options: SpanMakerOptions) {
    this.#options = options;
  }

  begin(name: string, { parent, ...options }: TraceOptions = {}): Span | undefined {
    const { ratio, random, clock } = this.#options;
    if (!parent && random() >= ratio) return undefined;
    // All times of a trace are taken from one look at the host's clock: a jump of it turns no span around.
    const originUs = clock.nowUs() - clock.monotonicMs() * 1000;
    const traceId = parent?.traceId ?? newId(16);
    return new OpenSpan({ name, traceId, parentId: parent?.spanId, originUs, ...options }, this.#options);
  }
}

interface Beginning extends SpanOptions {
  readonly name: string;
  readonly traceId: string;
  readonly parentId: string | undefined;
  /** The host's time when the clock that never jumps was at 0. */
  readonly originUs: number;
}

class OpenSpan implements Span {
  readonly context: TraceContext;
  readonly #beginning: Beginning;
  readonly #options: SpanMakerOptions;
  readonly #startedMs: number;
  readonly #kind: SpanKind;
  #name: string;
  #attributes: Attributes;
  #isOver = false;

  constructor(beginning: Beginning, options: SpanMakerOptions) {
    this.#beginning = beginning;
    this.#options = options;
    this.#startedMs = beginning.startedMs ?? options.clock.monotonicMs();
    this.#kind = beginning.kind ?? "internal";
    this.#name = beginning.name;
    this.#attributes = beginning.attributes ?? {};
    this.context = { traceId: beginning.traceId, spanId: newId(8) };
  }

  child(name: string, options: SpanOptions = {}): Span {
    const { traceId, originUs } = this.#beginning;
    return new OpenSpan({ name, traceId, parentId: this.context.spanId, originUs, ...options }, this.#options);
  }

  set(attributes: Attributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
  }

  rename(name: string): void {
    this.#name = name;
  }

  end(failure?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const hasFailed = failure !== undefined;
    if (hasFailed) this.set({ "error.type": codeOf(failure) });
    const { clock, finished } = this.#options;
    const { parentId, originUs } = this.#beginning;
    finished({
      ...this.context,
      parentId,
      name: this.#name,
      kind: this.#kind,
      startUs: originUs + this.#startedMs * 1000,
      endUs: originUs + clock.monotonicMs() * 1000,
      attributes: this.#attributes,
      hasFailed,
    });
  }

  run<T>(work: () => T): T {
    return this.#options.scope.run({ context: this.context, isOver: () => this.#isOver }, work);
  }

  tell(work: () => void): void {
    this.#options.scope.run({ context: this.context, isOver: () => false }, work);
  }
}

/** Random: nobody is to guess the ids of others' traces, and no two connectors may make the same. */
function newId(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
