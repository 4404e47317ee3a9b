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
const MAX_UNIT_CHARACTERS = 256;

const utf8Bytes = new TextEncoder();
const utf8 = new TextDecoder();
const QUALITY: Readonly<Record<number, string>> = { 0: "Bad", 192: "Good", 500: "Stale" };

/** Reads a PropertySet: keys, and beside them as many values. Sets within it are not looked into. @throws {MalformedPayload} */
export function readProperties(bytes: Uint8Array): MetricProperties {
  const places = placesOf(bytes);
  const unit = valueAt(places.unit, bytes);
  const quality = valueAt(places.quality, bytes);
  return {
    ...(unit?.kind === "text" && unit.value !== "" ? { unit: cut(unit.value) } : {}),
    ...(quality?.kind === "integer" ? { status: statusOf(quality.value) } : {}),
  };
}

/** Which of the values are the unit and the quality: the first with such a key. */
function placesOf(bytes: Uint8Array): { readonly unit: number | undefined; readonly quality: number | undefined } {
  let unit: number | undefined;
  let quality: number | undefined;
  const field = new WireFields(bytes);
  for (let place = 0; field.next();) {
    if (field.number !== 1) continue;
    const key = field.text().toLowerCase();
    if (UNIT_KEYS.includes(key)) unit ??= place;
    else if (key === "quality") quality ??= place;
    place++;
  }
  return { unit, quality };
}

/** Values are gone through, and not kept: there may be hundreds of thousands. */
function valueAt(place: number | undefined, bytes: Uint8Array): RawValue | undefined {
  if (place === undefined) return undefined;
  const field = new WireFields(bytes);
  for (let at = 0; field.next();) {
    if (field.number === 2 && at++ === place) return propertyValue(field.value());
  }
  return undefined;
}

/** Its beginning, copied, so that it does not hold on to the whole, and without half a character at its end. */
function cut(unit: string): string {
  if (unit.length <= MAX_UNIT_CHARACTERS) return unit;
  const whole = unit.slice(0, MAX_UNIT_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return utf8.decode(utf8Bytes.encode(whole));
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
