import type { Mangle } from "./line_relay.ts";

export interface BadWireOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How many of 100 transfers are hit. */
  readonly percent: number;
  /** Answers that are held back are so for up to this long. */
  readonly maxDelayMs: number;
  /** What may happen to a transfer that is hit. */
  readonly faults: readonly WireFault[];
}

export type WireFault = "flip" | "drop" | "insert" | "cut" | "delay" | "burst";

/** What bad cables, earthing and adapters do to bytes, some of the time, the same with the same seed. */
export function badWire({ random, percent, maxDelayMs, faults }: BadWireOptions): Mangle & { hits: number } {
  const below = (limit: number) => Math.floor(random() * limit);
  const mangle: Mangle & { hits: number } = Object.assign((intact: Uint8Array) => {
    if (random() * 100 >= percent) return { bytes: intact, afterMs: 0 };
    mangle.hits++;
    const fault = faults[below(faults.length)] ?? "flip";
    if (fault === "delay") return { bytes: intact, afterMs: 1 + below(maxDelayMs) };
    return { bytes: hit([...intact], fault, below), afterMs: 0 };
  }, { hits: 0 });
  return mangle;
}

function hit(bytes: number[], fault: Exclude<WireFault, "delay">, below: (limit: number) => number): Uint8Array {
  const at = below(bytes.length);
  switch (fault) {
    case "flip":
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      break;
    case "drop":
      bytes.splice(at, 1 + below(3));
      break;
    case "insert":
      bytes.splice(at, 0, ...Array.from({ length: 1 + below(4) }, () => below(256)));
      break;
    case "cut":
      bytes.length = at;
      break;
    case "burst":
      for (let offset = 0; offset < 4 && at + offset < bytes.length; offset++) bytes[at + offset] = below(256);
      break;
    default:
      fault satisfies never;
  }
  return Uint8Array.from(bytes);
}
