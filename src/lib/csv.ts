/** Comma-separated values (RFC 4180), as spreadsheets write them in any country. */

export interface CsvCell {
  readonly text: string;
  /** Where it begins: the first character of a line is 1. */
  readonly column: number;
}

export interface CsvRow {
  /** The first line is 1; a cell in quotes may hold further ones. */
  readonly line: number;
  readonly cells: readonly CsvCell[];
}

/** What is wrong with a text as CSV. */
export interface CsvFault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Csv {
  readonly separator: string;
  /** Without those that are empty. */
  readonly rows: readonly CsvRow[];
  readonly fault: CsvFault | undefined;
}

/** Tab: what is copied out of a spreadsheet. */
const SEPARATORS = [";", ",", "\t"] as const;
/** Characters of the first line that its separator is looked for in. */
const SEPARATOR_WITHIN = 16_384;

/** A cell takes some hundred bytes of memory, and two of text: without a bound, few megabytes would fill the memory. */
const MAX_CELLS_OF_ROW = 200;
const MAX_ROWS = 60_000;
/** 50,000 rows of twenty. */
const MAX_CELLS = 1_000_000;

/** Reads a text up to what is wrong with it, or to more than is taken of rows and cells. The separator is the one that its first line has most of; a byte order mark is skipped. */
export function parseCsv(text: string): Csv {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  const first = firstLine(text, start);
  const separator = separatorOf(text.slice(first, Math.min(endOfLine(text, first), first + SEPARATOR_WITHIN)));
  return new Reader(text, separator).read(start);
}

/** One row, with a line feed behind it. */
export function csvLine(cells: readonly string[], separator: string): string {
  return `${cells.map((cell) => quoted(cell, separator)).join(separator)}\r\n`;
}

function quoted(cell: string, separator: string): string {
  const isPlain = !cell.includes(separator) && !/["\r\n]|^\s|\s$/.test(cell);
  return isPlain ? cell : `"${cell.replaceAll('"', '""')}"`;
}

function separatorOf(header: string): string {
  const unquoted = header.replaceAll(/"[^"]*"/g, "");
  const counts = SEPARATORS.map((each) => unquoted.split(each).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** Where the first line begins that is not empty. */
function firstLine(text: string, from: number): number {
  let at = from;
  while (text[at] === "\r" || text[at] === "\n") at++;
  return at;
}

function endOfLine(text: string, from: number): number {
  const at = text.slice(from).search(/[\r\n]/);
  return at < 0 ? text.length : from + at;
}

class Reader {
  readonly #text: string;
  readonly #separator: string;
  readonly #rows: CsvRow[] = [];
  #cells: CsvCell[] = [];
  /** In the rows so far. */
  #cellCount = 0;
  #line = 1;
  /** Where the present line begins. */
  #lineStart = 0;
  /** The line on which the present row begins. */
  #rowLine = 1;

  constructor(text: string, separator: string) {
    this.#text = text;
    this.#separator = separator;
  }

  read(start: number): Csv {
    this.#lineStart = start;
    let at = start;
    while (at < this.#text.length) {
      const next = this.#text[at] === '"' ? this.#quotedCell(at) : this.#plainCell(at);
      if (typeof next !== "number") return this.#csv(next);
      at = this.#afterCell(next);
      const excess = this.#excess();
      if (excess !== undefined) return this.#csv({ line: this.#rowLine, column: 1, message: excess });
    }
    if (this.#cells.length > 0) this.#endRow();
    return this.#csv(undefined);
  }

  #csv(fault: CsvFault | undefined): Csv {
    return { separator: this.#separator, rows: this.#rows, fault };
  }

  /** What there is too much of. */
  #excess(): string | undefined {
    if (this.#cells.length > MAX_CELLS_OF_ROW) return `a row may have ${MAX_CELLS_OF_ROW} cells`;
    if (this.#rows.length > MAX_ROWS) return `a file may have ${MAX_ROWS} rows`;
    return this.#cellCount > MAX_CELLS ? `a file may have ${MAX_CELLS} cells` : undefined;
  }

  /** @returns where it ends */
  #plainCell(at: number): number {
    let end = at;
    while (end < this.#text.length && !this.#endsCell(end)) end++;
    this.#cells.push({ text: this.#text.slice(at, end), column: this.#columnOf(at) });
    return end;
  }

  #quotedCell(at: number): number | CsvFault {
    const begin = { line: this.#line, column: this.#columnOf(at) };
    let text = "";
    for (let from = at + 1;;) {
      const end = this.#text.indexOf('"', from);
      if (end < 0) return { ...begin, message: "a cell begins with a quote that nothing ends" };
      text += this.#text.slice(from, end);
      if (this.#text[end + 1] !== '"') {
        this.#countLines(at, end);
        this.#cells.push({ text, column: begin.column });
        if (end + 1 >= this.#text.length || this.#endsCell(end + 1)) return end + 1;
        const message = 'after the quote that ends a cell its separator must follow; a quote within is written ""';
        return { line: this.#line, column: this.#columnOf(end + 1), message };
      }
      text += '"';
      from = end + 2;
    }
  }

  #countLines(from: number, to: number): void {
    for (let at = this.#text.indexOf("\n", from); at >= 0 && at < to; at = this.#text.indexOf("\n", at + 1)) {
      this.#line++;
      this.#lineStart = at + 1;
    }
  }

  #endsCell(at: number): boolean {
    const character = this.#text[at];
    return character === this.#separator || character === "\n" || character === "\r";
  }

  /** @returns where the next cell begins */
  #afterCell(at: number): number {
    if (this.#text[at] === this.#separator) {
      if (at + 1 >= this.#text.length || this.#text[at + 1] === "\n" || this.#text[at + 1] === "\r") {
        this.#cells.push({ text: "", column: this.#columnOf(at + 1) });
        return this.#afterCell(at + 1);
      }
      return at + 1;
    }
    this.#endRow();
    const next = at + (this.#text[at] === "\r" && this.#text[at + 1] === "\n" ? 2 : 1);
    this.#line++;
    this.#lineStart = next;
    this.#rowLine = this.#line;
    return next;
  }

  #endRow(): void {
    if (this.#cells.some(({ text }) => text.trim() !== "")) {
      this.#rows.push({ line: this.#rowLine, cells: this.#cells });
      this.#cellCount += this.#cells.length;
    }
    this.#cells = [];
  }

  #columnOf(at: number): number {
    return at - this.#lineStart + 1;
  }
}
