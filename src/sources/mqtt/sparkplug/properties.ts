import { NO_VALUE, type RawValue, readOneof } from "./payload.ts";
import { signedOf } from "./scalar.ts";
import { WireFields } from "./wire.ts";

/** What the properties of a metric say that has a column. */
export interface MetricProperties {
  readonly unit?: string;
  /** `Good`, `Bad` and `Stale` (Sparkplug 3.0, 6.4.7: 192, 0, 500), else the number. */
  readonly status?: string;
}

/** The specification has no name for the unit; these are in use. Compared without case. */
const UNIT_KEYS = ["engunit", "engunits", "engineeringunit", "engineeringunits", "unit", "units", "uom"];
const QUALITY: Readonly<Record<number, string>> = { 0: "Bad", 192: "Good", 500: "Stale" };

/** Reads a PropertySet: keys, and beside them as many values. Sets within it are not looked into. @throws {MalformedPayload} */
export function readProperties(bytes: Uint8Array): MetricProperties {
  const keys: string[] = [];
  const values: Uint8Array[] = [];
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number === 1) keys.push(field.text().toLowerCase());
    else if (field.number === 2) values.push(field.value());
  }
  const unit = firstOf(UNIT_KEYS, keys, values);
  const quality = firstOf(["quality"], keys, values);
  return {
    ...(unit?.kind === "text" && unit.value !== "" ? { unit: unit.value } : {}),
    ...(quality?.kind === "integer" ? { status: statusOf(quality.value) } : {}),
  };
}

function firstOf(
  wanted: readonly string[],
  keys: readonly string[],
  values: readonly Uint8Array[],
): RawValue | undefined {
  const index = keys.findIndex((key) => wanted.includes(key));
  const bytes = values[index];
  return bytes === undefined ? undefined : propertyValue(bytes);
}

function propertyValue(bytes: Uint8Array): RawValue {
  let value: RawValue = NO_VALUE;
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number >= 3 && field.number <= 8) value = readOneof(field, field.number - 2) ?? value;
  }
  return value;
}

function statusOf(quality: number | bigint): string {
  const code = Number(signedOf(quality, { bits: 64, signed: false }));
  return QUALITY[code] ?? String(code);
}
