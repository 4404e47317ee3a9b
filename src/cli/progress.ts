import type { Clock } from "../core/clock.ts";
import type { Advance } from "./command.ts";

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
/** Carriage return, and ECMA-48 EL: back to the beginning of the line, which is emptied. */
const CLEAR = "\r\u001b[K";

const SCALES = [{ name: "G", least: 1e9 }, { name: "M", least: 1e6 }, { name: "k", least: 1e3 }] as const;

/** How far something is, in one line: a bar, the part in per cent, the numbers, how fast it goes and how long it will take. */
export function progressLine({ done, of, unit }: Advance, elapsedMs: number): string {
  const part = of > 0 ? Math.min(1, done / of) : 0;
  const full = Math.floor(part * BAR_WIDTH);
  const bar = `[${"#".repeat(full)}${"-".repeat(BAR_WIDTH - full)}]`;
  const perSecond = elapsedMs > 0 ? done / (elapsedMs / 1000) : 0;
  const left = perSecond > 0 ? ` ${duration(Math.max(0, of - done) / perSecond)} left` : "";
  const rate = perSecond > 0 ? ` ${amount(perSecond)}/s` : "";
  return `${bar} ${Math.floor(part * 100)}% ${amount(done)} of ${amount(of)} ${unit}${rate}${left}`;
}

/** Shows it at the end of a terminal's output, in a line that comes and goes. */
export class ProgressBar {
  readonly #write: (text: string) => void;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #startMs: number | undefined;
  #drawnMs = -Infinity;
  #isShown = false;

  constructor(write: (text: string) => void, clock: Pick<Clock, "monotonicMs">) {
    this.#write = write;
    this.#clock = clock;
  }

  show(at: Advance): void {
    const nowMs = this.#clock.monotonicMs();
    this.#startMs ??= nowMs;
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#isShown = true;
    this.#write(`${CLEAR}${progressLine(at, nowMs - this.#startMs)}`);
  }

  /** Makes place for other text. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#write(CLEAR);
  }
}

/** `950`, `12.3k`, `4.56M`. */
function amount(value: number): string {
  const scale = SCALES.find(({ least }) => value >= least);
  return scale ? `${Number((value / scale.least).toPrecision(3))}${scale.name}` : String(Math.floor(value));
}

/** `0:07`, `12:30`, `3:05:00`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`;
}
