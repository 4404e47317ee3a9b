/** Lines of shell blocks, and words of the command line as people write them in sentences. */

/** What a line of a block has the shell do, without remarks; `&&` and `|` part commands. */
export function commandsIn(block: string): readonly (readonly string[])[] {
  const lines = block.replaceAll(/\\\n\s*/g, "").split("\n").map((line) => line.replace(/(^|\s+)# .*$|^#.*$/, ""));
  return lines.flatMap((line) => line.split(/ (?:&&|\|) /)).map(wordsOf).filter((words) => words.length > 0);
}

/** Words of a line; quotes hold them together, and a redirection is none. */
function wordsOf(line: string): readonly string[] {
  const words = [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/^(['"])(.*)\1$/g, "$2")
  );
  return words.filter((word) => !/^[<>]/.test(word));
}

/** The words for the connector, where a command is one for it; without who gives it. */
export function connectorWords(words: readonly string[]): readonly string[] | undefined {
  const rest = words[0] === "runuser" ? words.slice(words.indexOf("--") + 1) : words;
  return rest[0] === "iot-connector" ? rest.slice(1) : undefined;
}

/** Stand for what a reader puts in. */
const EXAMPLES: readonly (readonly [RegExp, string])[] = [
  [/^(ID|N)…?$/, "1"],
  [/^FILE$/, "export/file"],
  [/^DIR$/, "."],
  [/^COLUMN=VALUE$/, "unit=bar"],
  [/^NAME$/, "press"],
];

/**
 * Every way to read a command that a sentence writes with choices: `spool gaps [--json, --sql]` is two and `user list
 * [--json]` is one.
 */
export function readings(text: string): readonly (readonly string[])[] {
  const [, before = "", choices, after = ""] = /^(.*?)\[([^\]]*)\]…?(.*)$/.exec(text) ?? [];
  if (choices !== undefined) {
    return choices.split(/, | \| /).flatMap((choice) => readings(`${before} ${choice} ${after}`));
  }
  const words = wordsOf(text).filter((word) => word !== "…");
  return [words.map((word) => EXAMPLES.find(([pattern]) => pattern.test(word))?.[1] ?? word)];
}
