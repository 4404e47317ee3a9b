import assert from "node:assert/strict";
import type { FormField } from "./form_model.ts";
import { type FieldNow, wayBack } from "./way_back.ts";

const HOURS: FormField = {
  key: "hours",
  label: "Hours",
  help: "",
  unit: "h",
  isRequired: false,
  preset: 12,
  example: undefined,
  node: { kind: "number", schema: {}, isWhole: true },
};
const TO_YAML = { text: "Back to the YAML", value: undefined };

const ROWS: readonly (readonly [string, FieldNow, ReturnType<typeof wayBack>])[] = [
  ["the default", { value: undefined, saved: undefined, origin: undefined }, undefined],
  ["a new value", { value: 8, saved: undefined, origin: undefined }, {
    text: "Back to 12, the default",
    value: undefined,
  }],
  ["the default, written out", { value: 12, saved: 12, origin: "state" }, undefined],
  ["a change made here", { value: 8, saved: 8, origin: "state" }, {
    text: "Back to 12, the default",
    value: undefined,
  }],
  ["a change over the YAML", { value: 8, saved: 8, origin: "both" }, TO_YAML],
  ["that of the YAML", { value: 7, saved: 7, origin: "yaml" }, undefined],
  ["another than that of the YAML", { value: 8, saved: 7, origin: "yaml" }, { ...TO_YAML, value: 7 }],
  ["nothing in place of that of the YAML", { value: undefined, saved: 7, origin: "yaml" }, { ...TO_YAML, value: 7 }],
];

for (const [what, now, wanted] of ROWS) {
  Deno.test(`wayBack() leads from ${what} to ${wanted ? wanted.text.slice(8) : "nothing"}`, () => {
    assert.deepEqual(wayBack(HOURS, now), wanted);
  });
}

Deno.test("wayBack() never empties what must be filled in, or a secret", () => {
  const now = { value: 8, saved: 8, origin: "both" } as const;
  assert.equal(wayBack({ ...HOURS, isRequired: true }, now), undefined);
  const secret = { ...HOURS, node: { kind: "text", schema: {}, isSecret: true } } as const;
  assert.equal(wayBack(secret, now), undefined);
});
