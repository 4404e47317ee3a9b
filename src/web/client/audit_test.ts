import assert from "node:assert/strict";
import { auditQuery, auditWords, checkWords } from "./audit.ts";
import { changedLines } from "./changed_lines.ts";

Deno.test("auditQuery() asks for what is filled in alone, with times in UTC", () => {
  assert.equal(String(auditQuery({ who: " ", what: "", from: "", to: "" })), "");
  const query = auditQuery({ who: "anna ", what: "user.", from: "2026-03-01T12:00", to: "" });
  assert.equal(query.get("who"), "anna");
  assert.equal(query.get("from"), new Date("2026-03-01T12:00").toISOString());
  assert.equal(query.has("to"), false);
});

Deno.test("auditWords() says what was done, and what was only asked for, or refused", () => {
  assert.equal(auditWords({ action: "user.add", detail: {} }), "Added a user");
  assert.equal(
    auditWords({ action: "config.change", detail: { state: "asked" } }),
    "Changed the configuration (asked for)",
  );
  assert.equal(
    auditWords({ action: "source.remove", detail: { state: "refused", code: "config_read_only" } }),
    "Removed a source (refused: nothing was changed)",
  );
  assert.equal(auditWords({ action: "some.thing", detail: {} }), "some.thing");
});

Deno.test("checkWords() tells the outcome of a check in words", () => {
  assert.match(checkWords({ lines: 4, intact: true, faults: [] }), /^All 4 lines are as they were written/);
  assert.match(checkWords({ lines: 4, intact: false, faults: ["a"] }), /broken at one place/);
  assert.match(checkWords({ lines: 0, intact: true, faults: [] }), /no line yet/);
});

Deno.test("changedLines() tells the first lines that go and come, and how many more there are", () => {
  assert.equal(
    changedLines(" gui:\n-  session_hours: 12\n+  session_hours: 8\n"),
    "- session_hours: 12  + session_hours: 8",
  );
  assert.equal(changedLines("+a: 1\n+b: 1\n+c: 1\n+d: 1\n"), "+ a: 1  + b: 1  + c: 1  and 1 more");
  assert.equal(changedLines(""), "");
});
