import assert from "node:assert/strict";
import type { SourceEvent } from "../../core/source.ts";
import { mappingsOf } from "./mapping.ts";
import { tagOfSlice } from "./place.ts";
import type { Slice } from "./plan.ts";
import { modbusSettings } from "./settings.ts";
import { TagFailures } from "./tag_failures.ts";

const [mapping] = mappingsOf(modbusSettings.parse({ registers: [{ name: "ir", address: 0, count: 100 }] }));

/** The values from `first` to `last` of one entry. */
function slice(first: number, last: number): Slice {
  return { mapping: mapping ?? assert.fail(), first, values: last - first + 1, start: first, end: last + 1 };
}

function texts(events: readonly SourceEvent[]): string[] {
  return events.map((event) => "tag" in event ? `${event.kind} ${event.tag}` : event.kind);
}

const ofEntry = () => "ir";

Deno.test("TagFailures tells each failure once, and its end once", () => {
  const failures = new TagFailures();
  assert.deepEqual(texts(failures.fail([slice(3, 4)], "refused", tagOfSlice)), ["tag_failed ir[3..4]"]);
  assert.deepEqual(texts(failures.fail([slice(3, 4)], "refused", tagOfSlice)), []);
  assert.deepEqual(texts(failures.recover([slice(5, 9)])), []);
  assert.deepEqual(texts(failures.recover([slice(0, 99)])), ["tag_recovered ir[3..4]"]);
});

Deno.test("TagFailures tells of an entry in several slices once, and of its end when the last gives values", () => {
  const failures = new TagFailures();
  assert.deepEqual(texts(failures.fail([slice(0, 49), slice(50, 99)], "silent", ofEntry)), ["tag_failed ir"]);
  assert.deepEqual(texts(failures.recover([slice(0, 49)])), []);
  assert.deepEqual(texts(failures.recover([slice(50, 99)])), ["tag_recovered ir"]);
});

Deno.test("TagFailures narrows the failure of an entry down to the values that still fail", () => {
  const failures = new TagFailures();
  failures.fail([slice(0, 99)], "silent", ofEntry);
  assert.deepEqual(texts(failures.fail([slice(3, 4)], "refused", tagOfSlice)), [
    "tag_recovered ir",
    "tag_failed ir[3..4]",
  ]);
});

Deno.test("TagFailures does not say that values are back because the entry around them fails too", () => {
  const failures = new TagFailures();
  failures.fail([slice(3, 4)], "refused", tagOfSlice);
  assert.deepEqual(texts(failures.fail([slice(0, 99)], "silent", ofEntry)), ["tag_failed ir"]);
  assert.deepEqual(texts(failures.recover([slice(0, 99)])), ["tag_recovered ir[3..4]", "tag_recovered ir"]);
});

Deno.test("TagFailures says what it knows again for a new session, as told before", () => {
  const failures = new TagFailures();
  failures.fail([slice(3, 4)], "refused", tagOfSlice);
  const told = { kind: "tag_failed", tag: "ir[3..4]", reason: "refused", wasTold: true };
  assert.deepEqual(failures.known(), [told]);
});

Deno.test("TagFailures takes values from another endpoint for the end of a failure", () => {
  const failures = new TagFailures();
  failures.fail([slice(0, 99)], "refused", ofEntry);
  const [elsewhere] = mappingsOf(modbusSettings.parse({ registers: [{ name: "ir", address: 0, count: 100 }] }));
  const all = { ...slice(0, 99), mapping: elsewhere ?? assert.fail() };
  assert.deepEqual(texts(failures.recover([all])), ["tag_recovered ir"]);
});
