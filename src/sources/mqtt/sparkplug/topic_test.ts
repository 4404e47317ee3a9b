import assert from "node:assert/strict";
import { parseSparkplugTopic, sparkplugTopic } from "./topic.ts";

Deno.test("parseSparkplugTopic() knows messages of nodes and of devices, and the state of hosts", () => {
  assert.deepEqual(parseSparkplugTopic("spBv1.0/g/NDATA/n"), {
    kind: "message",
    type: "NDATA",
    group: "g",
    node: "n",
    device: undefined,
  });
  assert.deepEqual(parseSparkplugTopic("spBv1.0/g/DBIRTH/n/d"), {
    kind: "message",
    type: "DBIRTH",
    group: "g",
    node: "n",
    device: "d",
  });
  assert.deepEqual(parseSparkplugTopic("spBv1.0/STATE/h"), { kind: "state", hostId: "h" });
  assert.equal(sparkplugTopic("DDATA", "g", "n", "d"), "spBv1.0/g/DDATA/n/d");
});

for (
  const topic of [
    "spAv1.0/g/NDATA/n",
    "spBv1.0/g/NDATA/n/d",
    "spBv1.0/g/DDATA/n",
    "spBv1.0/g/DDATA/n/",
    "spBv1.0/g/DDATA/n/d/e",
    "spBv1.0/g/DATA/n",
    "spBv1.0//NDATA/n",
    "spBv1.0/STATE",
    "spBv1.0",
  ]
) {
  Deno.test(`parseSparkplugTopic() does not take ${topic}`, () => {
    assert.equal(parseSparkplugTopic(topic), undefined);
  });
}
