import type { Reading } from "../../core/reading.ts";
import type { RegisterType } from "./address.ts";

/** What is the same in all readings of one value of one mapping. */
export interface ModbusTag {
  /** The mapping's name, with `[i]` where it has several values. */
  readonly name: string;
  readonly slaveId: number;
  /** Zero-based protocol address of its first register or bit. */
  readonly address: number;
  readonly registerType: RegisterType;
  /** Column `scale_factor`; undefined where the factor is neither whole nor one part of a whole number. */
  readonly scaleColumn: number | undefined;
  readonly unit: string | undefined;
  readonly sensorType: string | undefined;
  readonly sensorPath: string | undefined;
  /** Of its entry. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What registers said. */
export interface ModbusValue {
  /** Before scaling; the nearest double of a 64-bit integer beyond 2^53. */
  readonly raw: number | undefined;
  /** After scaling. */
  readonly value: number | undefined;
  /** A string; beside `value`, the exact decimal digits of one that comes from an integer beyond 2^53. */
  readonly text: string | undefined;
}

/** One value at one time. */
export interface ModbusReading extends Reading, ModbusValue {
  readonly from: ModbusTag;
}
