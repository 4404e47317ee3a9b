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
  assert.equal(sparkplugTopic("DDATA", { group: "g", node: "n", device: "d" }), "spBv1.0/g/DDATA/n/d");
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

Deno.test("parseSparkplugTopic() takes group, node and device of 1024 characters, and none longer", () => {
  for (const levels of [["g", "n", "d"], ["g", "n"]]) {
    for (const at of levels.keys()) {
      const topicWith = (length: number) => {
        const [group = "", node = "", device] = levels.with(at, "x".repeat(length));
        return sparkplugTopic(device === undefined ? "NDATA" : "DDATA", { group, node, device });
      };
      assert.equal(parseSparkplugTopic(topicWith(1024))?.kind, "message");
      assert.equal(parseSparkplugTopic(topicWith(1025)), undefined);
    }
  }
});
