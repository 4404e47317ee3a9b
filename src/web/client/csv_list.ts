/** A list of registers, nodes or topics as CSV, and back. */
import { type CsvFault, csvLine, parseCsv } from "../../lib/csv.ts";
import { nearest } from "../../lib/nearest.ts";
import { columnKey, columnNamed, columnsOf, type CsvColumn, usedColumns, valueAt, withValueAt } from "./csv_columns.ts";
import { faultsOf } from "./form_faults.ts";
import { typedNumber } from "./typed_number.ts";
import type { FormNode, Json, JsonObject } from "./form_model.ts";

/** What is wrong with a file, and where. */
export interface CsvListFault {
  /** The first is 1. */
  readonly line: number;
  /** As spreadsheets count columns: `F`. Where a line cannot be split into cells, characters into it, from 1. */
  readonly column: string;
  /** The column's name; empty where it is of none. */
  readonly key: string;
  readonly message: string;
}

export interface CsvList {
  readonly entries: readonly JsonObject[];
  /** On which line each of them begins. */
  readonly lines: readonly number[];
  readonly faults: readonly CsvListFault[];
}

/** Faults that are told: a wrong column has one on every line. */
const MAX_FAULTS = 200;

/** `item`: what the list holds. Spreadsheets see no formula in any cell: see `guarded`. */
export function csvOf(entries: readonly Json[], item: FormNode, separator = ","): string {
  const columns = usedColumns(entries, columnsOf(item));
  const rows = entries.map((entry) => csvLine(columns.map((column) => cellOf(entry, column)), separator));
  return csvLine(columns.map(({ key }) => key), separator) + rows.join("");
}

function cellOf(entry: Json, { path, node }: CsvColumn): string {
  const value = valueAt(entry, path);
  if (value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" && node.kind !== "number" ? guarded(value) : String(value);
}

/** What a spreadsheet would take for a formula (OWASP, CSV injection), also behind quotes that stand there already. */
const FORMULA = /^'*[=+\-@\t\r\n]/;

/** Text with a quote before it where a spreadsheet would compute it. */
function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function unguarded(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}

/** The entries of a file, and everything that is wrong with it as far as the schema tells. */
export function readCsvList(text: string, item: FormNode): CsvList {
  const { rows: [header, ...rows], fault, separator } = parseCsv(text);
  if (!header) return empty(fault ? unsplit(fault) : faultAt(0, "There is nothing in the file"));
  const known = columnsOf(item);
  const given = header.cells.map(({ text }, column) => ({ name: columnKey(text, known), column }));
  const faults: CsvListFault[] = headerFaults(given, known);
  if (faults.length > 0) return { entries: [], lines: [], faults };
  if (rows.length === 0 && !fault) {
    return empty({
      ...faultAt(0, "There is nothing below the first line: the spreadsheet may have a filter on"),
      line: 2,
    });
  }
  const columns = given.map(({ name }) => columnNamed(name, known));
  const entries: JsonObject[] = [];
  const twinOf = twins(known);
  for (const { line, cells } of rows) {
    let entry: JsonObject = {};
    const at = new Map<string, number>();
    for (const [index, { text }] of cells.entries()) {
      const found = columns[index];
      if (text.trim() === "") continue;
      if (!found) {
        faults.push({
          line,
          column: columnLetters(index),
          key: "",
          message: `${text.slice(0, 40)} stands under no column of the first line`,
        });
        continue;
      }
      at.set(found.key, index);
      const value = valueOf(text, found.node, separator);
      const message = choiceFault(value, found.node);
      if (message !== undefined) faults.push({ line, column: columnLetters(index), key: found.key, message });
      entry = withValueAt(entry, found.path, value);
    }
    entries.push(entry);
    const twin = twinOf(entry, line);
    if (twin) faults.push({ line, column: columnLetters(at.get(twin.key) ?? 0), ...twin });
    for (const [key, message] of faultsOf(item, entry)) {
      faults.push({ line, column: columnLetters(at.get(key) ?? 0), key, message });
    }
    if (faults.length > MAX_FAULTS) break;
  }
  if (fault) faults.push(unsplit(fault));
  return { entries, lines: rows.map(({ line }) => line), faults: faults.slice(0, MAX_FAULTS) };
}

/** What no two entries may share, where each must have it. */
const UNIQUE_KEYS = ["name", "topic"];

/** Tells of each entry in turn whether one before it is called the same. */
function twins(
  known: readonly CsvColumn[],
): (entry: JsonObject, line: number) => Pick<CsvListFault, "key" | "message"> | undefined {
  const key = known.find((each) => each.isRequired && UNIQUE_KEYS.includes(each.key))?.key;
  const lines = new Map<Json, number>();
  return (entry, line) => {
    const value = key === undefined ? undefined : entry[key];
    if (key === undefined || value === undefined) return undefined;
    const first = lines.get(value);
    if (first === undefined) return void lines.set(value, line);
    return { key, message: `${String(value).slice(0, 60)} stands on line ${first} and again on line ${line}` };
  };
}

/** `A` for 0, `AA` for 26. */
function columnLetters(index: number): string {
  const before = Math.floor(index / 26);
  return (before > 0 ? columnLetters(before - 1) : "") + String.fromCharCode(65 + index % 26);
}

function unsplit({ column, ...fault }: CsvFault): CsvListFault {
  return { ...fault, column: String(column), key: "" };
}

function empty(fault: CsvListFault): CsvList {
  return { entries: [], lines: [], faults: [fault] };
}

function faultAt(column: number, message: string, key = ""): CsvListFault {
  return { line: 1, column: columnLetters(column), key, message };
}

interface GivenColumn {
  readonly name: string;
  readonly column: number;
}

function headerFaults(given: readonly GivenColumn[], known: readonly CsvColumn[]): CsvListFault[] {
  const names = known.map(({ key, node }) => node.kind === "labels" ? `${key}.<name>` : key).join(", ");
  let isListed = false;
  const faults = given.flatMap(({ name, column }, index) => {
    if (name === "" || columnNamed(name, known)) {
      const isTwin = name !== "" && given.findIndex((each) => each.name === name) < index;
      return isTwin ? [faultAt(column, `The column ${name} is there twice`, name)] : [];
    }
    const like = nearest(name, known.map(({ key }) => key));
    const there = like !== undefined ? `; did you mean ${like}?` : isListed ? "" : `; there are ${names}`;
    isListed ||= like === undefined;
    return [faultAt(column, `There is no column ${name.slice(0, 60)}${there}`, name.slice(0, 60))];
  });
  const missing = known.filter(({ key, isRequired }) => isRequired && !given.some(({ name }) => name === key));
  return [
    ...faults,
    ...missing.map(({ key }) => faultAt(0, `The column ${key} is missing, which every entry needs`, key)),
  ];
}

/** As a form would have it. What is none of its kind stays text, and is told by the schema. */
function valueOf(cell: string, node: FormNode, separator: string): Json {
  const text = cell.trim();
  // Where lines are separated by commas, one within a number separates thousands.
  if (node.kind === "number") return typedNumber(text, separator === "," ? "none" : "decimal") ?? text;
  if (node.kind === "flag") return /^(true|false)$/i.test(text) ? text.toLowerCase() === "true" : text;
  if (node.kind === "choice") return node.options.find((each) => String(each) === text) ?? text;
  if (node.kind === "text" || node.kind === "fixed") return unguarded(cell);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A form lets nobody choose what there is not, and a file does. */
function choiceFault(value: Json, node: FormNode): string | undefined {
  if (typeof value === "string" && value.includes("${")) return undefined;
  const options = node.kind === "flag" ? [true, false] : node.kind === "choice" ? node.options : undefined;
  return !options || options.includes(value) ? undefined : `This must be one of ${options.join(", ")}`;
}
