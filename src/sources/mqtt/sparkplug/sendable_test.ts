import assert from "node:assert/strict";
import { isSendable } from "./sendable.ts";

const TOPICS: Readonly<Record<string, boolean>> = {
  "spBv1.0/STATE/scada": true,
  "spBv1.0/plant/NCMD/line1": true,
  "spBv1.0/STATE/other": false,
  "spBv1.0/plant/DCMD/line1/press": false,
  "spBv1.0/plant/NDATA/line1": false,
  "spBv1.0/plant/NCMD/line1/press": false,
  "plant/line1/set": false,
};

for (const [topic, isSent] of Object.entries(TOPICS)) {
  Deno.test(`isSendable() ${isSent ? "passes" : "refuses"} ${topic}`, () => {
    assert.equal(isSendable(topic, "scada"), isSent);
  });
}

Deno.test("isSendable() refuses every state where no host application is configured", () => {
  assert.equal(isSendable("spBv1.0/STATE/null", null), false);
});
