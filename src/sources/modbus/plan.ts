import type { RegisterType } from "./address.ts";
import type { Mapping } from "./mapping.ts";

/** Neighbouring values of one mapping that are read in one request; most mappings are one slice. */
export interface Slice {
  readonly mapping: Mapping;
  /** Index into `mapping.tags`. */
  readonly first: number;
  readonly values: number;
  /** Protocol address of the first register, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** One read of neighbouring registers of one unit. */
export interface ReadRequest {
  readonly slaveId: number;
  readonly registerType: RegisterType;
  readonly intervalMs: number;
  readonly start: number;
  readonly count: number;
  /** By address. */
  readonly slices: readonly Slice[];
}

/** What a device takes, see the settings of the same names. */
export interface PlanLimits {
  readonly maxRegisters: number;
  readonly maxCoils: number;
  readonly readGap: number;
}

/**
 * As few requests as the limits allow: mappings of one unit, register type and interval, in the order of their
 * addresses, are read together while the gap between them is at most `readGap`. No value is cut in two. Every value of
 * a mapping fits one request: the schema has seen to that.
 */
export function planRequests(mappings: readonly Mapping[], limits: PlanLimits): ReadRequest[] {
  const groups = Map.groupBy(
    mappings,
    (each) => `${each.slaveId} ${each.registerType} ${each.intervalMs} ${each.maxRegisters}`,
  );
  return [...groups.values()].flatMap((group) => planGroup(group, limits));
}

/**
 * Two smaller requests in the place of one that the device refuses as a whole: cut at the widest gap, since what lies
 * in a gap may not exist, else in the middle; an entry that stands alone is cut between its values.
 * @returns undefined when it reads a single value
 */
export function splitRequest(request: ReadRequest): readonly [ReadRequest, ReadRequest] | undefined {
  const [only] = request.slices;
  if (request.slices.length === 1 && only) return splitSlice(only);
  let cut = request.slices.length >> 1;
  let widest = 0;
  let end = request.start;
  for (const [index, slice] of request.slices.entries()) {
    if (index > 0 && slice.start - end > widest) [cut, widest] = [index, slice.start - end];
    end = Math.max(end, slice.end);
  }
  return [toRequest(request.slices.slice(0, cut)), toRequest(request.slices.slice(cut))];
}

function splitSlice({ mapping, first, values }: Slice): [ReadRequest, ReadRequest] | undefined {
  if (values < 2) return undefined;
  const left = values >> 1;
  return [
    toRequest([sliceOf(mapping, first, left)]),
    toRequest([sliceOf(mapping, first + left, values - left)]),
  ];
}

/** One request in the place of two that read neighbouring values of one entry and nothing else. @returns undefined when they do not */
export function joinRequests(one: ReadRequest, next: ReadRequest): ReadRequest | undefined {
  const [left, right] = [one.slices[0], next.slices[0]];
  if (!left || !right || !isBefore(one, next)) return undefined;
  return toRequest([sliceOf(left.mapping, left.first, left.values + right.values)]);
}

/** Whether both read values of one entry and nothing else, and those of `next` follow at once. */
export function isBefore(one: ReadRequest, next: ReadRequest): boolean {
  const [left, right] = [one.slices[0], next.slices[0]];
  if (!left || !right || one.slices.length + next.slices.length > 2) return false;
  return left.mapping === right.mapping && left.first + left.values === right.first;
}

/** Which part of a planned request: so many of its slices from `at` on; of a single one the values from `first` on. */
export interface PartPlace {
  readonly at: number;
  readonly slices: number;
  readonly first: number;
  readonly values: number;
}

/** The part of `origin` at `place`. @returns undefined where it has no such part */
export function partOf(origin: ReadRequest, { at, slices, first, values }: PartPlace): ReadRequest | undefined {
  const found = origin.slices.slice(at, at + slices);
  const [only] = found;
  if (!only || found.length !== slices) return undefined;
  if (slices > 1) return toRequest(found);
  const isWithin = values > 0 && first >= only.first && first + values <= only.first + only.values;
  return isWithin ? toRequest([sliceOf(only.mapping, first, values)]) : undefined;
}

/** Where in `origin` its `part` is: what `partOf` takes. */
export function placeInOrigin(origin: ReadRequest, part: ReadRequest): PartPlace {
  const [slice] = part.slices;
  if (!slice) throw new TypeError("a request reads at least one slice");
  const at = origin.slices.findIndex(({ mapping }) => mapping === slice.mapping);
  return { at, slices: part.slices.length, first: slice.first, values: slice.values };
}

function planGroup(group: readonly Mapping[], limits: PlanLimits): ReadRequest[] {
  const [first] = group;
  const max = isBitTable(first?.registerType) ? limits.maxCoils : first?.maxRegisters ?? limits.maxRegisters;
  const slices = group.flatMap((mapping) => slicesOf(mapping, max)).sort((a, b) => a.start - b.start || a.end - b.end);
  const runs: Slice[][] = [];
  let start = 0;
  let end = 0;
  for (const slice of slices) {
    const run = runs.at(-1);
    const isNear = slice.start - end <= limits.readGap;
    if (run && isNear && Math.max(end, slice.end) - start <= max) {
      run.push(slice);
      end = Math.max(end, slice.end);
    } else {
      runs.push([slice]);
      ({ start, end } = slice);
    }
  }
  return runs.map(toRequest);
}

/** A mapping in pieces of at most `max` registers, cut between values. */
function slicesOf(mapping: Mapping, max: number): Slice[] {
  const { width, tags } = mapping;
  const perSlice = Math.floor(max / width);
  const slices: Slice[] = [];
  for (let first = 0; first < tags.length; first += perSlice) {
    slices.push(sliceOf(mapping, first, Math.min(perSlice, tags.length - first)));
  }
  return slices;
}

/** So many values of an entry, from `first` on. */
export function sliceOf(mapping: Mapping, first: number, values: number): Slice {
  const start = mapping.address + first * mapping.width;
  return { mapping, first, values, start, end: start + values * mapping.width };
}

function toRequest(slices: readonly Slice[]): ReadRequest {
  const [first] = slices;
  if (!first) throw new TypeError("a request reads at least one slice");
  const { slaveId, registerType, intervalMs } = first.mapping;
  const end = slices.reduce((latest, slice) => Math.max(latest, slice.end), first.end);
  return { slaveId, registerType, intervalMs, start: first.start, count: end - first.start, slices };
}

/** Coils and discrete inputs are bits, the others registers. */
export function isBitTable(registerType: RegisterType | undefined): boolean {
  return registerType === "coil" || registerType === "discrete";
}
