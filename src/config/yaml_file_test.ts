import assert from "node:assert/strict";
import { YamlFile } from "./yaml_file.ts";

const BOMB = `a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
`;

const RING = /^cannot be read: it is nested more than 50 deep, or aliases \(\*name\) go round in a ring$/;

const REFUSED: readonly (readonly [name: string, text: string, at: string, message: RegExp])[] = [
  [
    "a key that stands twice",
    "gui:\n  port: 1\n  port: 2\n",
    "3:3",
    /^is no YAML: this key stands here for the second/,
  ],
  ["indentation by tabs", "gui:\n\tport: 1\n", "2:1", /^is no YAML: is indented by a tab: use spaces$/],
  ["a quote that is not closed", "gui: 'a\n", "2:1", /^is no YAML: a quote, bracket, comma or colon is missing/],
  ["a bracket that is not closed", "gui: [1, 2\nversion: 1\n", "2:1", /^is no YAML: /],
  [
    "a reference in braces without quotes",
    "gui: { port: ${IOT_PORT} }\n",
    "1:15",
    /inside \{ \} and \[ \] write "\$\{…\}"/,
  ],
  ["a second document", "gui: {}\n---\ngui: {}\n", "2:1", /^is no YAML: a second document begins here/],
  ["a tag that is not known", "a: 1\ngui: !cloud 5\n", "2:6", /^is no YAML: has a tag \(!…\) that is not known/],
  ["a tag for bytes", "gui: !!binary aGVsbG8=\n", "1:6", /^is no YAML: has a tag/],
  [
    "an alias that stands for nothing",
    "a: 1\ngui: *port\n",
    "2:6",
    /^cannot be read: an alias \(\*name\) stands for nothing/,
  ],
  ["aliases that grow when they are read", BOMB, "2:8", /^cannot be read: aliases \(\*name\) are used more than 100/],
  ["an alias that goes round in a ring", "a: 1\nb: &b { c: *b }\n", "2:1", RING],
  ["aliases that go round and grow", "a: &a [*a, *a, *a]\n", "1:1", RING],
  ["lists in lists in lists", `a: 1\nb: ${"[".repeat(60)}${"]".repeat(60)}\n`, "2:54", RING],
  ["blocks in blocks in blocks", `a: 1\nb: ${"{ c: ".repeat(60)}${"}".repeat(60)}\n`, "2:254", RING],
  ["a file that is too large", `# ${"x".repeat(2 * 1024 * 1024)}`, "1:1", /^has more than 2 MiB$/],
];

for (const [name, text, at, message] of REFUSED) {
  Deno.test(`YamlFile refuses ${name}, and says where`, () => {
    const { faults: [fault], value } = new YamlFile(text);
    assert.match(fault?.message ?? "", message);
    assert.equal(`${fault?.line}:${fault?.column}`, at);
    assert.equal(value, undefined);
  });
}

for (const [name, text] of [["brackets", "[".repeat(1_000_000)], ["braces", "{a: ".repeat(200_000)]] as const) {
  Deno.test(`YamlFile refuses ${name} without end at once`, () => {
    const startedMs = performance.now();
    const { faults: [fault], value } = new YamlFile(text);
    assert.match(fault?.message ?? "", RING);
    assert.equal(value, undefined);
    assert.ok(performance.now() - startedMs < 5000);
  });
}

Deno.test("YamlFile reads a block of many keys in a moment", () => {
  const startedMs = performance.now();
  const { faults, value } = new YamlFile(Array.from({ length: 30_000 }, (_, i) => `k${i}: 1\n`).join(""));
  assert.deepEqual([faults, Object.keys(value as object).length], [[], 30_000]);
  assert.ok(performance.now() - startedMs < 5000);
});

Deno.test("YamlFile reports every key that stands twice", () => {
  const { faults } = new YamlFile("a: 1\na: 2\nb: { c: 1, c: 2 }\n");
  assert.deepEqual(faults.map(({ line, column }) => `${line}:${column}`), ["2:1", "3:12"]);
});

const READ: readonly (readonly [name: string, text: string, value: unknown])[] = [
  ["an empty file as an empty block", "", {}],
  ["a file of comments as an empty block", "# nothing\n", {}],
  ["aliases as what they stand for", "a: &a [1]\nb: *a\n", { a: [1], b: [1] }],
  ["brackets in texts as texts", `a: "${"[".repeat(60)}"\nb: x${"{".repeat(60)} # ${"[".repeat(60)}\n`, {
    a: "[".repeat(60),
    b: `x${"{".repeat(60)}`,
  }],
  ["yes and no as texts, as YAML 1.2 says", "a: yes\nb: no\n", { a: "yes", b: "no" }],
  ["a byte order mark as nothing", "\uFEFFa: 1\n", { a: 1 }],
  ["lines that end as on Windows", "a: 1\r\nb: 2\r\n", { a: 1, b: 2 }],
  ["the bytes of a program as a text", "\x7FELF\x02\x01\x01\0\0\0", "\x7FELF\x02\x01\x01\0\0\0"],
];

for (const [name, text, value] of READ) {
  Deno.test(`YamlFile reads ${name}`, () => {
    const file = new YamlFile(text);
    assert.deepEqual(file.faults, []);
    assert.deepEqual(file.value, value);
  });
}

const PLACES: readonly (readonly [name: string, path: readonly PropertyKey[], at: string])[] = [
  ["a key", ["gui", "port"], "2:3"],
  ["an entry of a list", ["sources", 1], "5:5"],
  ["a key of an entry", ["sources", 1, "b"], "5:13"],
  ["the nearest thing around one that is not there", ["sources", 1, "b", "c", 0], "5:13"],
  ["the alias around what it stands for", ["copy", "port"], "6:1"],
  ["a key that is a number", ["7"], "7:1"],
  ["nothing at all", ["xyz"], "1:1"],
];

for (const [name, path, at] of PLACES) {
  Deno.test(`YamlFile.positionOf() finds ${name}`, () => {
    const text = "gui: &gui\n  port: 1\nsources:\n  - {}\n  - { a: 1, b: 2 }\ncopy: *gui\n7: x\n";
    const { line, column } = new YamlFile(text).positionOf(path);
    assert.equal(`${line}:${column}`, at);
  });
}
