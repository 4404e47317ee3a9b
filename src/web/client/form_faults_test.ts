import assert from "node:assert/strict";
import { faultsOf, told } from "./form_faults.ts";
import { type FormNode, type Json, nodeOf, type Schema } from "./form_model.ts";

function objectOf(properties: Record<string, Schema>, required: string[] = []): FormNode {
  return nodeOf({ type: "object", properties, required }) ?? assert.fail("no form");
}

const NUMBER = objectOf({ n: { type: "integer", minimum: 1, maximum: 9 } });
const TEXT = objectOf({ t: { type: "string", pattern: "^[a-z]+$", examples: ["abc"] } }, ["t"]);
const NAME = objectOf({ t: { type: "string", pattern: "^[A-Za-z0-9_.\\/-]{1,64}$", examples: ["abc"] } });
const NODES = objectOf({
  nodes: { type: "array", items: { type: "object", required: ["id"], properties: { id: { type: "string" } } } },
});
const BLOCK = objectOf({ mqtt: { type: "object", required: ["topic"], properties: { topic: { type: "string" } } } }, [
  "mqtt",
]);

const CASES: readonly [name: string, node: FormNode, value: Json, faults: Record<string, string>][] = [
  ["a number in its range", NUMBER, { n: 5 }, {}],
  ["a number that is too large", NUMBER, { n: 10 }, { n: "This must be from 1 to 9" }],
  ["a number with a fraction", NUMBER, { n: 1.5 }, { n: "This must be a whole number" }],
  ["letters in place of a number", NUMBER, { n: "x" }, { n: "This must be a number" }],
  ["a reference in place of a number", NUMBER, { n: "${IOT_N:-4}" }, {}],
  ["a text of another form", TEXT, { t: "A1" }, { t: "This has not the form of abc" }],
  ["a name with what no name may have", NAME, { t: "Presse Süd" }, {
    t: "Only letters A to Z, a to z, digits, _, ., /, - may stand here, 64 at most",
  }],
  ["what must be there and is not", TEXT, {}, { t: "This must be filled in" }],
  ["an entry of a list", NODES, { nodes: [{ id: "x" }, {}] }, { "nodes[1].id": "This must be filled in" }],
  ["a block that must be there and is not", BLOCK, {}, { "mqtt.topic": "This must be filled in" }],
];

for (const [name, node, value, faults] of CASES) {
  Deno.test(`faultsOf() of ${name}`, () => assert.deepEqual(Object.fromEntries(faultsOf(node, value)), faults));
}

Deno.test("told() leads what the connector says to the fields of the form", () => {
  const errors = [
    { path: "sources[3].mqtt.topics[0].qos", message: "must be 0, 1 or 2" },
    { path: "gui.port", message: "is taken" },
  ];
  const { faults, rest } = told(errors, /^sources\[[^\]]*\]\.?/);
  assert.deepEqual([...faults], [["mqtt.topics[0].qos", "must be 0, 1 or 2"]]);
  assert.deepEqual(rest, [errors[1]]);
});
