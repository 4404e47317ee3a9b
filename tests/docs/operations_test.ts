/** docs/operations.md speaks of every alert that holds without being written. */
import assert from "node:assert/strict";
import { alertRulesOf } from "../../src/config/alert_rules.ts";
import { textOf } from "./documents.ts";

const RULES = alertRulesOf({ enabled: true, default_rules: true, rules: [], destinations: [] });
const SECTIONS = new Map(
  textOf("docs/operations.md").split(/^(?=##)/m).flatMap((section): [string, string][] => {
    const [, name] = /^### `(\w+)`\n/.exec(section) ?? [];
    return name === undefined ? [] : [[name, section]];
  }),
);

Deno.test("docs/operations.md has a section for every default alert, and for none that is not there", () => {
  assert.deepEqual([...SECTIONS.keys()], RULES.map(({ name }) => name));
});

for (const { name, condition } of RULES) {
  Deno.test(`docs/operations.md gives condition, causes and remedy of ${name}`, () => {
    const section = SECTIONS.get(name) ?? "";
    assert.ok(section.includes(`\`${condition}\``), section);
    assert.match(section, /\*\*Causes\*\*/);
    assert.match(section, /\*\*[Rr]emedy\*\*/);
  });
}

Deno.test("docs/alerts.md lists every default alert with its condition and severity", () => {
  const rows = textOf("docs/alerts.md").split("\n").filter((line) => /^\| `\w+` \| `/.test(line));
  for (const { name, condition, severity, durationSeconds } of RULES) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\` |`)) ?? assert.fail(name);
    assert.ok(row.includes(`\`${condition}\``) && row.trimEnd().endsWith(`| ${severity} |`), row);
    if (durationSeconds > 0) assert.ok(row.includes(`| ${durationSeconds} s |`), row);
  }
});
