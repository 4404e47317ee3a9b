import { decodeBit, decodeRegisters } from "./decode.ts";
import { isBitTable, type ReadRequest, type Slice, sliceOf } from "./plan.ts";
import type { ModbusReading } from "./reading.ts";

/** What an answer held. */
export interface Answered {
  readonly readings: ModbusReading[];
  /** Single values that are none of their entry's type. */
  readonly unfit: readonly Slice[];
}

/** The readings in an answer to `request`. `data` are its registers or bits, `arrivedUs` the time of all of them. */
export function readingsOf(request: ReadRequest, data: DataView, arrivedUs: number): Answered {
  const readings: ModbusReading[] = [];
  const unfit: Slice[] = [];
  const isBits = isBitTable(request.registerType);
  for (const slice of request.slices) addSlice(slice, slice.start - request.start);
  return { readings, unfit };

  function addSlice({ mapping, first, values }: Slice, offset: number): void {
    for (let index = 0; index < values; index++) {
      const from = mapping.tags[first + index];
      if (!from) throw new TypeError(`${mapping.name} has no value ${first + index}`);
      const at = offset + index * mapping.width;
      const read = isBits ? decodeBit(data, at) : decodeRegisters(data, 2 * at, mapping);
      if (!read) {
        unfit.push(sliceOf(mapping, first + index, 1));
        continue;
      }
      const { raw, value, text } = read;
      readings.push({ tag: from.name, eventTimeUs: arrivedUs, from, raw, value, text });
    }
  }
}

/** The values of `slices` one by one, without those of `unfit`. */
export function fitValues(slices: readonly Slice[], unfit: readonly Slice[]): Slice[] {
  const isUnfit = (slice: Slice, at: number) =>
    unfit.some(({ mapping, first }) => mapping === slice.mapping && first === at);
  return slices.flatMap((slice) =>
    Array.from({ length: slice.values }, (_, index) => slice.first + index)
      .filter((at) => !isUnfit(slice, at))
      .map((at) => sliceOf(slice.mapping, at, 1))
  );
}
