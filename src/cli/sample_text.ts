/** How what a device says is printed: as a table for people, or as lines of JSON. */
import type { Sample, SampleBatch } from "../service/sample_source.ts";
import { printable, printableJson } from "./printable.ts";

const MAX_CELL = 200;
const WIDTHS = { time: 24, tag: 40, value: 24, unit: 8, type: 10, status: 16 } as const;
type Column = keyof typeof WIDTHS;
const COLUMNS = Object.keys(WIDTHS) as readonly Column[]; // its keys are these names

/** A line of JSON per sample, with the whole row: whole numbers beyond 2^53 as digits, bytes as base64. */
export function jsonLines({ samples }: SampleBatch): string {
  return samples.map(({ row, ...sample }) => `${printableJson({ ...sample, row: forJson(row) })}\n`).join("");
}

function forJson(row: Sample["row"]): Record<string, unknown> {
  const shown = Object.entries(row).map(([name, value]) => [name, textual(value)]);
  return Object.fromEntries(shown);
}

function textual(value: Sample["row"][string]): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? value.toBase64() : value;
}

/** The head of the table. */
export function tableHead(): string {
  return line((column) => column);
}

/** A line of the table per sample. */
export function tableLines({ samples }: SampleBatch): string {
  return samples.map((sample) => line((column) => cell(sample[column]))).join("");
}

function line(textOf: (column: Column) => string): string {
  return `${COLUMNS.map((column) => textOf(column).padEnd(WIDTHS[column])).join(" ").trimEnd()}\n`;
}

function cell(text: string): string {
  return printable(text.slice(0, MAX_CELL));
}
