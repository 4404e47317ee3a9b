/** Every command of the documents is one that there is, with the words and flags that it takes. */
import assert from "node:assert/strict";
import { EXIT } from "../../src/cli/command.ts";
import { DESK_COMMANDS } from "../../src/cli/desk_commands.ts";
import { homeWith, outcomeOf } from "../fakes/terminal.ts";
import { allBlocks, type Block, documents, exists, spansOf, textOf } from "./documents.ts";
import { commandsIn, connectorWords, readings } from "./shell.ts";

/** With the verbs that a document may begin with. */
const STARTS = ["iot-connector", ...DESK_COMMANDS.map(({ name }) => name)];
/** These look at what is outside, or run until they are stopped: their words alone are looked at. */
const OUTSIDE = ["run", "doctor", "browse", "test-source", "health"];
const QUIET = `version: 1
local_sink: { enabled: true }
gui: { enabled: false }
`;
const PASSPHRASE = "correct horse battery staple\n";

interface Written {
  readonly place: string;
  readonly words: readonly string[];
}

function* inBlocks(): Iterable<Written> {
  for (const { place, text } of allBlocks().filter(isShell)) {
    for (const command of commandsIn(text)) {
      const words = connectorWords(command);
      if (words) yield { place, words };
    }
  }
}

function* inSentences(): Iterable<Written> {
  for (const file of documents()) {
    for (const { place, text } of spansOf(file)) {
      const [first = "", second] = text.split(" ");
      if (!STARTS.includes(first) || second === undefined || second === "…") continue;
      for (const words of readings(first === "iot-connector" ? text.slice(first.length + 1) : text)) {
        if (!isName(words)) yield { place, words };
      }
    }
  }
}

/** A sentence may name a verb without saying what it is given. */
function isName([name, verb, ...rest]: readonly string[]): boolean {
  const command = DESK_COMMANDS.find((each) => each.name === name);
  return rest.length === 0 && command?.verbs.some((each) => each.name === verb) === true;
}

function isShell({ language }: Block): boolean {
  return language === "sh";
}

Deno.test("Every command for the connector in the documents has words and flags that it takes", async () => {
  const all = [...inBlocks(), ...inSentences()];
  assert.ok(all.length > 25, `${all.length}`);
  const texts = new Map(all.map((written) => [written.words.join(" "), written]));
  const faults: string[] = [];
  for (const [text, { place, words }] of texts) {
    const { code, err } = await given(words);
    if (code === EXIT.usage || code === EXIT.badConfig) faults.push(`${place}: ${text}: ${err.split("\n")[0]}`);
  }
  assert.deepEqual(faults, []);
});

Deno.test("A wrong flag, a wrong verb and a wrong command in a document are found", async () => {
  for (const text of ["spool stat --jsno", "dlq lsit", "brwose press", "doctor --josn", "user add ada --rol viewer"]) {
    assert.equal((await given(readings(text)[0] ?? [])).code, EXIT.usage, text);
  }
});

/** Gives a command in a home of its own that has a configuration and nothing else. */
async function given(words: readonly string[]) {
  const [name = "run"] = words.filter((word) => !word.startsWith("--"));
  await using home = await homeWith(QUIET);
  const placed = [...words.filter((word, at) => word !== "--home" && words[at - 1] !== "--home"), "--home", home.path];
  return await outcomeOf(OUTSIDE.includes(name) ? [...placed, "--help"] : placed, { input: PASSPHRASE });
}

Deno.test("Every other command in a block of shell is one that a test can judge, or the block says what it takes", () => {
  const faults = allBlocks().filter(isShell).flatMap((block) => block.mark ? markFault(block) : unknownIn(block));
  assert.deepEqual(faults, []);
});

function markFault({ place, mark }: Block): string[] {
  if (mark?.kind === "needs") return [];
  const [test = ""] = mark?.text.split(" ") ?? [];
  return mark?.kind === "run by" && exists(test) ? [] : [`${place}: no test ${test}`];
}

function unknownIn({ place, text }: Block): string[] {
  return commandsIn(text).filter((words) => !isKnown(words)).map((words) => `${place}: ${words.join(" ")}`);
}

const TASKS: readonly string[] = Object.keys(JSON.parse(textOf("deno.json")).tasks);
const ROUTES: Readonly<Record<string, Readonly<Record<string, unknown>>>> =
  JSON.parse(textOf("docs/openapi.json")).paths;

function isKnown(words: readonly string[]): boolean {
  const [first, ...rest] = words;
  if (connectorWords(words) || first === "cd") return true;
  if (first === "npx") return rest[1] === `deno@${Deno.version.deno}` && isKnown(["deno", ...rest.slice(2)]);
  if (first === "deno") return rest[0] === "task" && TASKS.includes(rest[1] ?? "");
  return first === "curl" && isRoute(rest);
}

function isRoute(rest: readonly string[]): boolean {
  const address = rest.find((word) => /^https?:/.test(word)) ?? "";
  const named = rest[rest.indexOf("-X") + 1];
  const method = rest.includes("-X") ? named?.toLowerCase() : rest.includes("-d") ? "post" : "get";
  return ROUTES[new URL(address).pathname]?.[method ?? ""] !== undefined;
}
