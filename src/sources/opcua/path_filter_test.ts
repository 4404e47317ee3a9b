import assert from "node:assert/strict";
import { pathFilter, type Place } from "./path_filter.ts";

function place(...names: string[]): Place {
  const path = ["0:Root", "0:Objects", ...names.map((name) => `2:${name}`)].join("/");
  return { path, names: path.replace(/\d:/g, ""), name: names.at(-1) ?? "" };
}

const SPEED = place("Area", "Motor", "Speed");
const COUNT = place("Area", "Diagnostics", "Count");

const PATTERNS: readonly (readonly [include: string, exclude: string | null, speed: boolean, count: boolean])[] = [
  ["*", null, true, true],
  ["*", "*/Diagnostics/*", true, false],
  ["*", "*/2:Diagnostics/*", true, false],
  ["Sp*", null, true, false],
  ["Speed", null, true, false],
  ["0:Root/0:Objects/2:Area/2:Motor/*", null, true, false],
  ["Root/*/Count", null, false, true],
  ["*o*o*", "*unt", true, false],
  ["Area/*", null, false, false],
];

for (const [include, exclude, speed, count] of PATTERNS) {
  Deno.test(`pathFilter() with include ${include} and exclude ${exclude}`, () => {
    const filter = pathFilter({ include, exclude });
    assert.deepEqual([filter.takes(SPEED), filter.takes(COUNT)], [speed, count]);
  });
}

Deno.test("pathFilter() leaves out an object whose all is excluded, and none because of what is included", () => {
  const filter = pathFilter({ include: "Speed", exclude: "*/Diagnostics/*" });
  assert.equal(filter.leavesOut(place("Area", "Diagnostics")), true);
  assert.equal(filter.leavesOut(place("Area", "Motor")), false);
  assert.equal(pathFilter({ include: "*", exclude: "*/Diagnostics/C" }).leavesOut(place("Area", "Diagnostics")), false);
});

Deno.test("pathFilter() takes its time by the length of the text, whatever the pattern", () => {
  const filter = pathFilter({ include: `${"*a".repeat(2000)}b`, exclude: null });
  assert.equal(filter.takes(place("a".repeat(20_000))), false);
});
