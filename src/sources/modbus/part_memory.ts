import { createHash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { MarkedMemory } from "../../core/marked_memory.ts";
import type { SourceMemory } from "../../core/source_memory.ts";
import { partOf, type PartPlace, placeInOrigin, type ReadRequest } from "./plan.ts";

/** A part of a planned request; `hole`: how the device answers where it does not have it. */
export interface Part {
  readonly request: ReadRequest;
  readonly hole: string | undefined;
}

/** How a planned request is read, and how long ago that was found out. */
export interface KnownParts {
  readonly parts: readonly Part[];
  readonly ageMs: number;
}

const KEY = "parts";

/** One request as it is kept: when it was cut (Unix seconds), and `[at, slices, first, values, hole?]` of each part. */
interface Kept {
  readonly since: number;
  readonly parts: readonly (readonly unknown[])[];
}

export interface PartMemoryOptions {
  /** Undefined: nothing is kept. */
  readonly memory: SourceMemory | undefined;
  readonly clock: Clock;
  readonly endpoint: string;
  readonly requests: readonly ReadRequest[];
}

/**
 * Which planned requests a device refuses as a whole, beyond a restart: else it would be asked for what it does not have
 * at every start. It belongs to one endpoint and one plan; with another it begins empty, and the newest few are kept.
 */
export class PartMemory {
  readonly #options: PartMemoryOptions;
  readonly #indexes: ReadonlyMap<ReadRequest, number>;
  readonly #of: string;
  readonly #memory: MarkedMemory;
  readonly #kept: Map<number, Kept>;

  constructor(options: PartMemoryOptions) {
    this.#options = options;
    this.#indexes = new Map(options.requests.map((request, index) => [request, index]));
    this.#of = options.memory ? markOf(options) : "";
    this.#memory = new MarkedMemory(options.memory, KEY);
    this.#kept = read(this.#memory.recall(this.#of));
  }

  /** @returns undefined where `origin` is read as a whole, or where what was kept does not fit it */
  partsOf(origin: ReadRequest): KnownParts | undefined {
    const kept = this.#kept.get(this.#indexOf(origin));
    const parts = kept && partsFrom(origin, kept.parts);
    if (!parts) return undefined;
    const ageMs = this.#options.clock.nowUs() / 1000 - kept.since * 1000;
    return { parts, ageMs: Math.max(0, ageMs) }; // the host's clock may have been put back
  }

  keep(origin: ReadRequest, { parts, ageMs }: KnownParts): void {
    const since = Math.round((this.#options.clock.nowUs() / 1000 - ageMs) / 1000);
    this.#kept.set(this.#indexOf(origin), { since, parts: parts.map((part) => keptPart(origin, part)) });
    this.#save();
  }

  forget(origin: ReadRequest): void {
    if (this.#kept.delete(this.#indexOf(origin))) this.#save();
  }

  #indexOf(origin: ReadRequest): number {
    return this.#indexes.get(origin) ?? -1;
  }

  #save(): void {
    this.#memory.keep(this.#of, this.#kept.size > 0 ? Object.fromEntries(this.#kept) : undefined);
  }
}

/** Tells this plan at this endpoint from others. */
function markOf({ endpoint, requests }: PartMemoryOptions): string {
  const hash = createHash("sha256").update(endpoint);
  for (const { slaveId, registerType, start, count, slices } of requests) {
    hash.update(`\n${slaveId} ${registerType} ${start} ${count}`);
    for (const { mapping, first, values } of slices) {
      hash.update(` ${mapping.address} ${mapping.width} ${first} ${values}`);
    }
  }
  return hash.digest("hex").slice(0, 32);
}

function keptPart(origin: ReadRequest, { request, hole }: Part): readonly unknown[] {
  const { at, slices, first, values } = placeInOrigin(origin, request);
  return [at, slices, first, values, ...hole === undefined ? [] : [hole]];
}

/** What is in the file: anything, until it is looked at. */
function read(value: unknown): Map<number, Kept> {
  return new Map(
    Object.entries(Object(value)).flatMap(([index, each]) => {
      const { since, parts } = Object(each);
      const isKept = Number.isFinite(since) && Array.isArray(parts) && parts.every(Array.isArray);
      return isKept ? [[Number(index), { since, parts }]] : [];
    }),
  );
}

/** The parts, when together they read each value of `origin` once. */
function partsFrom(origin: ReadRequest, kept: Kept["parts"]): Part[] | undefined {
  const parts: Part[] = [];
  for (const [at, slices, first, values, hole] of kept) {
    const place: PartPlace = { at: Number(at), slices: Number(slices), first: Number(first), values: Number(values) };
    const request = partOf(origin, place);
    if (!request) return undefined;
    parts.push({ request, hole: typeof hole === "string" ? hole : undefined });
  }
  return isWhole(origin, parts) ? parts : undefined;
}

function isWhole(origin: ReadRequest, parts: readonly Part[]): boolean {
  const pieces = parts.flatMap(({ request }) => request.slices);
  return origin.slices.every(({ mapping, first, values }) => {
    const own = pieces.filter((piece) => piece.mapping === mapping).sort((a, b) => a.first - b.first);
    let next = first;
    for (const piece of own) {
      if (piece.first !== next) return false;
      next += piece.values;
    }
    return next === first + values;
  });
}
