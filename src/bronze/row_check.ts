import type { BronzeField } from "./message.ts";
import { baseType, type TableColumn } from "./table_column.ts";
import { ProtoReader } from "../lib/proto_reader.ts";

/** Says why a row does not fit one column, for the end of a sentence; undefined when it does. */
export type Check = (row: Uint8Array) => string | undefined;

/** Whole numbers that a column narrower than our int32 holds. */
const NARROW: Readonly<Record<string, readonly [number, number]>> = {
  TINYINT: [-128, 127],
  SMALLINT: [-32768, 32767],
};

/** What must be looked at in each row before it goes into `column`: nothing, for most columns. */
export function rowChecks(column: TableColumn, field: BronzeField): Check[] {
  const checks: Check[] = [];
  if (!column.isNullable) checks.push(presence(column, field));
  const range = NARROW[baseType(column.type)];
  if (range) checks.push(integerRange(column, field, range));
  const characters = column.type.match(/^(?:var)?char\s*\((\d+)\)/i)?.[1];
  if (characters) checks.push(textLength(column, field, Number(characters)));
  return checks;
}

function presence(column: TableColumn, field: BronzeField): Check {
  return (row) =>
    find(row, field.number) ? undefined : `column ${column.name} is NOT NULL and the row has no value for it`;
}

function integerRange(column: TableColumn, { number }: BronzeField, [min, max]: readonly [number, number]): Check {
  return (row) => {
    const value = find(row, number)?.int32();
    if (value === undefined || (value >= min && value <= max)) return undefined;
    return `${value} does not fit column ${column.name}, ${column.type.toUpperCase()}`;
  };
}

function textLength(column: TableColumn, { number }: BronzeField, most: number): Check {
  return (row) => {
    const field = find(row, number);
    // A text has at most as many characters as bytes: most need no decoding.
    if (!field || field.end - field.valueStart <= most) return undefined;
    const length = [...field.text()].length;
    return length > most
      ? `${length} characters do not fit column ${column.name}, ${column.type.toUpperCase()}`
      : undefined;
  };
}

/** A cursor on the field with this number; on the last, where it stands twice, which is the one that counts. */
function find(row: Uint8Array, number: number): ProtoReader | undefined {
  const field = new ProtoReader(row);
  let start: number | undefined;
  while (field.next()) {
    if (field.number === number) start = field.start;
  }
  if (start === undefined) return undefined;
  const found = new ProtoReader(row.subarray(start));
  found.next();
  return found;
}
