import { ConfigError } from "../../core/error.ts";
import { ADDRESS_SPACE, REGISTER_TYPES, type RegisterType } from "./address.ts";

/** Where someone looks: a table of a unit, or a range of addresses in it. */
export interface BrowsePlace {
  readonly slaveId: number;
  readonly registerType: RegisterType;
  /** Protocol addresses, both included; undefined: the table as a whole. */
  readonly range: { readonly first: number; readonly last: number } | undefined;
}

const PLACE = /^(?:(\d{1,3})\/)?([a-z]+)(?::(\d{1,5})(?:-(\d{1,5}))?)?$/;

/**
 * Reads `under`: `holding`, `holding:40`, `input:100-199`, `7/holding:0-99`; addresses are zero based.
 * @throws {ConfigError} with code `browse_no_place` when it names no place
 */
export function parseBrowsePlace(under: string, usualSlaveId: number): BrowsePlace {
  const [, unit, table, firstText, lastText = firstText] = PLACE.exec(under) ?? [];
  const slaveId = unit === undefined ? usualSlaveId : Number(unit);
  const registerType = REGISTER_TYPES.find((each) => each === table);
  if (!registerType || slaveId > 255) throw noPlace(under);
  if (firstText === undefined) return { slaveId, registerType, range: undefined };
  const range = { first: Number(firstText), last: Number(lastText) };
  if (range.first > range.last || range.last >= ADDRESS_SPACE) throw noPlace(under);
  return { slaveId, registerType, range };
}

function noPlace(under: string): ConfigError {
  const message = `${under} names no place: write a table (${REGISTER_TYPES.join(", ")}), with addresses from 0 to ` +
    "65535 behind it where you know them, and a unit id before it where it is another: holding, input:100-199, 7/coil:3";
  return new ConfigError("browse_no_place", message);
}

/** What `parseBrowsePlace` reads. */
export function browsePlaceText({ slaveId, registerType, range }: BrowsePlace, usualSlaveId: number): string {
  const table = slaveId === usualSlaveId ? registerType : `${slaveId}/${registerType}`;
  if (!range) return table;
  return range.first === range.last ? `${table}:${range.first}` : `${table}:${range.first}-${range.last}`;
}
