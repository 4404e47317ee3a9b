import {
  type Alias,
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { reasonOf } from "../core/error.ts";
import { bracketBeyond } from "./yaml_depth.ts";

/** A longer file is refused before it is parsed: parsing takes seconds, and a hundred times its size in memory. */
const MAX_CHARS = 2 * 1024 * 1024;
/** Times that aliases may be expanded: a guard against files that grow when they are read. */
const MAX_ALIASES = 100;
/** Blocks and lists within one another. Aliases that go round in a ring have no end at all. */
const MAX_DEPTH = 50;

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

/** A YAML text (version 1.2) as a value, with the place of everything in it. An empty one is `{}`. */
export class YamlFile {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  /** Not empty: there is no value. No text of the file stands in a message: it may be a secret. */
  readonly faults: readonly YamlFault[];
  readonly value: unknown;

  constructor(text: string) {
    const unfit = unfitness(text);
    const options = {
      lineCounter: this.#lines,
      prettyErrors: false,
      version: "1.2",
      resolveKnownTags: false,
      logLevel: "error",
      uniqueKeys: false, // the library compares each with each; see #repeatedKeys
    } as const;
    this.#document = parseDocument(unfit ? "" : text, options);
    const faults = unfit ? [unfit] : this.#syntaxFaults(text);
    const read = faults.length > 0 ? { faults } : this.#read();
    this.faults = read.faults ?? [];
    this.value = read.value;
  }

  /** Where the value at `path` stands, or the nearest thing around it that is there. */
  positionOf(path: Path): Position {
    for (let end = path.length; end >= 0; end--) {
      const offset = this.#offsetOf(path.slice(0, end));
      if (offset !== undefined) return this.#at(offset);
    }
    return { line: 1, column: 1 };
  }

  #read(): { faults?: YamlFault[]; value?: unknown } {
    try {
      const value: unknown = this.#document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
      const abyss = tooDeep(value);
      return abyss ? { faults: [{ ...this.positionOf(abyss.slice(0, 1)), message: TOO_DEEP }] } : { value };
    } catch (error) {
      return { faults: [{ ...this.#suspectAlias(), message: aliasSentence(reasonOf(error)) }] };
    }
  }

  /** The first alias that stands for nothing, else the first one: the library's error has no place. */
  #suspectAlias(): Position {
    const found: Alias[] = [];
    visit(this.#document, { Alias: (_, alias) => void found.push(alias) });
    const suspect = found.find((alias) => !alias.resolve(this.#document)) ?? found[0];
    return this.#at(suspect?.range?.[0] ?? 0);
  }

  /** Of what breaks the syntax only the first: the rest follows from it. Repeated keys and tags: each. */
  #syntaxFaults(text: string): YamlFault[] {
    const { errors: [first], warnings } = this.#document;
    const found = first ? [first] : warnings.filter(({ code }) => code === "TAG_RESOLVE_FAILED");
    const repeated = first ? [] : this.#repeatedKeys();
    const faults = found.map((error) => {
      const position = this.#at(error.pos[0]);
      const hint = isBareReference(text, position) ? '; inside { } and [ ] write "${…}" in quotes' : "";
      return { ...position, message: `${sentence(error)}${hint}` };
    });
    return [...repeated, ...faults];
  }

  #repeatedKeys(): YamlFault[] {
    const offsets: number[] = [];
    visit(this.#document, {
      Map: (_, { items }) => {
        const seen = new Set<string>();
        for (const { key } of items) {
          if (!isScalar(key)) continue;
          if (seen.has(String(key.value))) offsets.push(key.range?.[0] ?? 0);
          seen.add(String(key.value));
        }
      },
    });
    return offsets.map((offset) => ({
      ...this.#at(offset),
      message: "is no YAML: this key stands here for the second time",
    }));
  }

  /** The key itself for members of an object, the value for items of a list. */
  #offsetOf(path: Path): number | undefined {
    const key = path.at(-1);
    const parent = this.#nodeAt(path.slice(0, -1));
    if (key !== undefined && isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      return (pair?.key as Node | undefined)?.range?.[0]; // a scalar: see the line above
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

const TOO_DEEP = `cannot be read: it is nested more than ${MAX_DEPTH} deep, or aliases (*name) go round in a ring`;

/** The first path that is longer than any may be. */
function tooDeep(value: unknown, path: Path = []): Path | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (path.length > MAX_DEPTH) return path;
  for (const [key, item] of Object.entries(value)) {
    const found = tooDeep(item, [...path, key]);
    if (found) return found;
  }
  return undefined;
}

/** Why a file is not parsed at all. */
function unfitness(text: string): YamlFault | undefined {
  if (text.length > MAX_CHARS) {
    return { line: 1, column: 1, message: `has more than ${MAX_CHARS / 1024 / 1024} MiB` };
  }
  const offset = bracketBeyond(text, MAX_DEPTH);
  if (offset === undefined) return undefined;
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: TOO_DEEP };
}

/** Our words for the library's codes: its own quote the file. */
const SENTENCES: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  BAD_DIRECTIVE: "a line that begins with % is a directive, and this is none that is known",
  BAD_DQ_ESCAPE: "a \\ inside \"…\" begins an escape, and this is none: use '…' for text with \\ in it",
  BAD_INDENT: "is indented in a way that does not fit, or a bracket or quote before it is not closed",
  BAD_SCALAR_START: "a value cannot begin with this character: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a second key on one line, or a line that is indented too far; a value with ': ' in it needs quotes",
  MISSING_CHAR: "a quote, bracket, comma or colon is missing here",
  MULTILINE_IMPLICIT_KEY: "a colon is missing after this key, or its value needs quotes",
  MULTIPLE_DOCS: "a second document begins here (---): the configuration is one document",
  RESOURCE_EXHAUSTION: "is nested too deeply",
  TAB_AS_INDENT: "is indented by a tab: use spaces",
  TAG_RESOLVE_FAILED: "has a tag (!…) that is not known: put a value that begins with ! in quotes",
  UNEXPECTED_TOKEN: "does not belong here: a quote, bracket or comma before it may be missing",
};

function sentence({ code }: YAMLError): string {
  return `is no YAML: ${SENTENCES[code] ?? "cannot be understood from here on"}`;
}

/** The library tells these by their text only. */
function aliasSentence(message: string): string {
  if (/alias count/i.test(message)) return `cannot be read: aliases (*name) are used more than ${MAX_ALIASES} times`;
  if (/alias/i.test(message)) {
    return "cannot be read: an alias (*name) stands for nothing; put a value that begins with * in quotes";
  }
  return TOO_DEEP;
}

/** `{ port: ${PORT} }`: the brace of the reference is taken for one of YAML's. */
function isBareReference(text: string, { line }: Position): boolean {
  return /[{[][^"']*\$\{/.test(text.split("\n", line).at(-1) ?? "");
}
