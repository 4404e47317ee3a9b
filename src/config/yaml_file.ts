import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";

/** A larger file is refused unread. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Times that aliases may be expanded: a guard against files that grow when they are read. */
const MAX_ALIASES = 100;

export type Path = readonly PropertyKey[];

/** Where something stands in the file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a file before anything in it is looked at. */
export interface YamlFault extends Position {
  readonly message: string;
}

/** A YAML text as a value, with the place of everything in it. */
export class YamlFile {
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines: LineCounter;
  readonly faults: readonly YamlFault[];
  readonly value: unknown;

  constructor(text: string) {
    this.#lines = new LineCounter();
    const isLarge = text.length > MAX_BYTES;
    this.#document = parseDocument(isLarge ? "" : text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      version: "1.2",
    });
    const faults = this.#syntaxFaults(text);
    if (isLarge) faults.push({ line: 1, column: 1, message: `the file has more than ${MAX_BYTES / 1024 / 1024} MiB` });
    let value: unknown;
    if (faults.length === 0) {
      try {
        value = this.#document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        faults.push({ line: 1, column: 1, message: `cannot be read: ${firstLine(message)}` });
      }
    }
    this.faults = faults;
    this.value = value;
  }

  /** Where the value at `path` stands, or the nearest thing around it that is there. */
  positionOf(path: Path): Position {
    for (let end = path.length; end >= 0; end--) {
      const offset = this.#offsetOf(path.slice(0, end));
      if (offset !== undefined) return this.#at(offset);
    }
    return { line: 1, column: 1 };
  }

  /** The first one: those behind it follow from it. */
  #syntaxFaults(text: string): YamlFault[] {
    return this.#document.errors.slice(0, 1).map(({ pos, code, message }) => {
      const position = this.#at(pos[0]);
      const isReference = /\{[^"']*\$\{/.test(text.split("\n", position.line).at(-1) ?? "");
      const hint = isReference ? '; inside { } and [ ] write "${…}" in quotes' : "";
      return { ...position, message: `is no YAML: ${withoutContent(message, code)}${hint}` };
    });
  }

  /** The key itself for members of an object, the value for items of a list. */
  #offsetOf(path: Path): number | undefined {
    const key = path.at(-1);
    const parent = this.#nodeAt(path.slice(0, -1));
    if (key !== undefined && isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      return (pair?.key as Node | undefined)?.range?.[0];
    }
    return this.#nodeAt(path)?.range?.[0];
  }

  #nodeAt(path: Path): Node | undefined {
    if (path.length === 0) return this.#document.contents ?? undefined;
    return this.#document.getIn(path, true) as Node | undefined; // the library types it as unknown
  }

  #at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** The library's words, without the piece of the file that some of them end with: it may be a secret. */
function withoutContent(message: string, code: string): string {
  const line = firstLine(message);
  return code === "UNEXPECTED_TOKEN" ? line.replace(/( in YAML stream)?: .*$/, "") : line;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
