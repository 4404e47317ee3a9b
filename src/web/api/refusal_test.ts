import assert from "node:assert/strict";
import { Refusal, unlessGone } from "./refusal.ts";

Deno.test("Work that ends because whoever asked is gone is no defect, and what else fails stays one", () => {
  const asked = new AbortController();
  const defect = new Error("broken");
  assert.equal(unlessGone(defect, asked.signal), defect);
  asked.abort();
  const told = unlessGone(asked.signal.reason, asked.signal);
  assert.ok(told instanceof Refusal);
  assert.equal(told.problem.code, "client_gone");
  assert.equal(unlessGone(defect, asked.signal), defect);
});
