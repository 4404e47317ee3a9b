import { ConfigError } from "../../core/error.ts";
import { Condition } from "../../lib/condition.ts";
import type { Advance, Terminal } from "../command.ts";
import { type Answer, type Request, TEXT_LENGTH } from "./protocol.ts";

/** Bytes that wait for who reads slowly, before `hasRoom` waits; and above which the connection is given up. */
const ENOUGH_BYTES = 256 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;
const PROGRESS_MS = 100;

const utf8 = new TextEncoder();

/** What answers are written to. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

export interface AnswersOptions extends Pick<Terminal, "clock" | "random" | "stopping" | "killed"> {
  readonly sink: ByteSink;
  readonly request: Pick<Request, "isWatched" | "input">;
}

/** A terminal whose output goes to a command elsewhere, in lines of JSON. */
export class Answers implements Terminal {
  readonly clock: Terminal["clock"];
  readonly random: Terminal["random"];
  /** Aborts when the command stops, or when nobody takes the answers any more. */
  readonly stopping: AbortSignal;
  readonly killed: AbortSignal;
  readonly isWatched: boolean;
  readonly #options: AnswersOptions;
  readonly #lost = new AbortController();
  readonly #changed = new Condition();
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isWriting = false;
  #toldMs = -Infinity;

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.random = options.random;
    this.isWatched = options.request.isWatched;
    this.stopping = AbortSignal.any([options.stopping, this.#lost.signal]);
    this.killed = options.killed;
  }

  readonly out = (text: string): void => {
    for (const part of partsOf(text)) this.#send({ out: part });
  };

  readonly err = (text: string): void => {
    for (const part of partsOf(text)) this.#send({ err: part });
  };

  /** The connector's environment is not the command's: whoever asks here gets none. */
  readonly env = (): undefined => undefined;

  readonly progress = (at: Advance): void => {
    const nowMs = this.clock.monotonicMs();
    if (!this.isWatched || nowMs - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = nowMs;
    this.#send({ progress: at });
  };

  readonly hasRoom = async (): Promise<void> => {
    while (this.#bytes > ENOUGH_BYTES) await this.#changed.wait();
  };

  readonly readInput = (): Promise<string> => {
    const { input } = this.#options.request;
    if (input !== undefined) return Promise.resolve(input);
    return Promise.reject(new ConfigError("no_input", "The command sent nothing of its standard input"));
  };

  /** Sends the exit code, and resolves when all is written or nobody takes it. */
  async end(exit: number): Promise<void> {
    this.#send({ exit });
    while (this.#isWriting) await this.#changed.wait();
  }

  #send(answer: Answer): void {
    if (this.#lost.signal.aborted) return;
    const bytes = utf8.encode(`${JSON.stringify(answer)}\n`);
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BYTES) this.#lose();
    else if (!this.#isWriting) this.#write().catch(() => this.#lose());
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let bytes = this.#waiting.shift(); bytes; bytes = this.#waiting.shift()) {
        for (let at = 0; at < bytes.length;) at += await this.#options.sink.write(bytes.subarray(at));
        this.#bytes = Math.max(0, this.#bytes - bytes.length);
        this.#changed.wake();
      }
    } finally {
      this.#isWriting = false;
      this.#changed.wake();
    }
  }

  /** Nobody takes what is written. */
  #lose(): void {
    this.#lost.abort();
    this.#waiting = [];
    this.#bytes = 0;
    this.#changed.wake();
  }
}

/** Pieces of bounded length, none of which ends between the halves of a character. */
function* partsOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length;) {
    const end = at + TEXT_LENGTH;
    const isHalf = end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? "");
    const part = text.slice(at, isHalf ? end - 1 : end);
    yield part;
    at += part.length;
  }
}
