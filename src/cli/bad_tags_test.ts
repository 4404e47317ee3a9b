import assert from "node:assert/strict";
import { BadTags } from "./bad_tags.ts";

Deno.test("BadTags lists tags that fail or whose last value is not good, until they give good ones", () => {
  const bad = new BadTags();
  bad.heard({ kind: "tag_failed", tag: "a", reason: "no such node" });
  bad.heard({ kind: "tag_failed", tag: "b", reason: "no such node" });
  bad.seen({ tag: "c", status: "BadSensorFailure" });
  bad.seen({ tag: "d", status: "UncertainLastUsableValue" });
  bad.seen({ tag: "d", status: "Good" });
  bad.seen({ tag: "e", status: "" });
  bad.heard({ kind: "tag_recovered", tag: "b" });
  assert.deepEqual(bad.list(), [
    { tag: "a", reason: "no such node" },
    { tag: "c", reason: "its last value has the status BadSensorFailure" },
  ]);
});

Deno.test("BadTags keeps a bounded number, and says that there were more", () => {
  const bad = new BadTags();
  for (let i = 0; i <= 10_000; i++) bad.heard({ kind: "tag_failed", tag: `t${i}`, reason: "gone" });
  assert.deepEqual([bad.list().length, bad.isCut], [10_000, true]);
});
