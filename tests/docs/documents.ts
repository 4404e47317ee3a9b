/** The documents, and the blocks in them: what a reader may copy. */

const ROOT = new URL("../../", import.meta.url);

/** What a comment directly above a block says of it; readers of the rendered page do not see it. */
export interface Mark {
  /**
   * `run by`: a test that runs it. `needs`: what it takes that no test has. `part of`: the place in a configuration of a
   * piece of YAML, such as `monitoring.alerts` or `sources[mqtt].mqtt`. `is`: the file of the home that it is.
   */
  readonly kind: "run by" | "needs" | "part of" | "is";
  readonly text: string;
}

export interface Block {
  /** `docs/alerts.md:96`, of its first line. */
  readonly place: string;
  readonly file: string;
  readonly language: string;
  /** Without the indent that all of its lines have. */
  readonly text: string;
  readonly mark: Mark | undefined;
}

/** Text of a file of the project. */
export function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Whether there is such a file or directory in the project. */
export function exists(path: string): boolean {
  try {
    return Boolean(Deno.statSync(new URL(path, ROOT)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Every document for readers: README.md and what is under docs/, but for decisions. */
export function documents(): readonly string[] {
  const folders = ["docs/", "docs/protocols/"];
  const inFolders = folders.flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ name }) => name.endsWith(".md")).map(({ name }) =>
      folder + name
    )
  );
  return ["README.md", ...inFolders.sort()];
}

/** All blocks of all documents, in order. */
export function allBlocks(): readonly Block[] {
  return documents().flatMap((file) => blocksOf(file, textOf(file)));
}

const MARK = /^<!-- (run by|needs|part of|is): (.+) -->$/;

export function blocksOf(file: string, text: string): readonly Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, language] = /^```(\w*)$/.exec(lines[at] ?? "") ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new RangeError(`${file}:${at + 1}: the block has no end`);
    const [, kind, said = ""] = MARK.exec(lines[at - 1] ?? "") ?? [];
    const mark = kind === undefined ? undefined : { kind: kind as Mark["kind"], text: said }; // of the pattern
    blocks.push({ place: `${file}:${at + 2}`, file, language, text: dedented(lines.slice(at + 1, end)), mark });
    at = end;
  }
  return blocks;
}

function dedented(lines: readonly string[]): string {
  const indent = Math.min(...lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)));
  return `${lines.map((line) => line.slice(indent)).join("\n")}\n`;
}

/** What stands between backquotes in a line of text, outside of blocks, with the place of its line. */
export function* spansOf(file: string): Iterable<{ readonly place: string; readonly text: string }> {
  let isInBlock = false;
  for (const [index, line] of textOf(file).split("\n").entries()) {
    if (line.startsWith("```")) isInBlock = !isInBlock;
    if (isInBlock) continue;
    for (const [, text = ""] of line.matchAll(/`([^`]+)`/g)) yield { place: `${file}:${index + 1}`, text };
  }
}
