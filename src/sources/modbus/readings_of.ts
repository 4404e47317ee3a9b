import { decodeBit, decodeRegisters } from "./decode.ts";
import { isBitTable, type ReadRequest, type Slice } from "./plan.ts";
import type { ModbusReading } from "./reading.ts";

/** The readings in an answer to `request`. `data` are its registers or bits, `arrivedUs` the time of all of them. */
export function readingsOf(request: ReadRequest, data: DataView, arrivedUs: number): ModbusReading[] {
  const readings: ModbusReading[] = [];
  const isBits = isBitTable(request.registerType);
  for (const slice of request.slices) addSlice(slice, slice.start - request.start);
  return readings;

  function addSlice({ mapping, first, values }: Slice, offset: number): void {
    for (let index = 0; index < values; index++) {
      const from = mapping.tags[first + index];
      if (!from) throw new TypeError(`${mapping.name} has no value ${first + index}`);
      const at = offset + index * mapping.width;
      const { raw, value, text } = isBits ? decodeBit(data, at) : decodeRegisters(data, 2 * at, mapping);
      readings.push({ tag: from.name, eventTimeUs: arrivedUs, from, raw, value, text });
    }
  }
}
