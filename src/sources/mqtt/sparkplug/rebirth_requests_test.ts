import assert from "node:assert/strict";
import { readPayload } from "./payload.ts";
import { rebirthPayload, RebirthRequests } from "./rebirth_requests.ts";

function requests(maxNodes = 100) {
  const clock = { nowMs: 0 };
  const options = { intervalMs: 60_000, maxNodes, monotonicMs: () => clock.nowMs };
  return { clock, requests: new RebirthRequests(options) };
}

Deno.test("RebirthRequests lets the same node be asked once per interval", () => {
  const { clock, requests: each } = requests();
  assert.deepEqual([each.mayAsk("a"), each.mayAsk("a"), each.mayAsk("b")], [true, false, true]);
  clock.nowMs = 59_999;
  assert.equal(each.mayAsk("a"), false);
  clock.nowMs = 60_000;
  assert.equal(each.mayAsk("a"), true);
});

Deno.test("RebirthRequests lets ten nodes be asked in a second, and the others in the next ones", () => {
  const { clock, requests: each } = requests();
  const ask = () => Array.from({ length: 25 }, (_, i) => each.mayAsk(`node${i}`)).filter(Boolean).length;
  const asked: number[] = [];
  for (clock.nowMs = 0; clock.nowMs < 4000; clock.nowMs += 1000) asked.push(ask());
  assert.deepEqual(asked, [10, 10, 5, 0]);
});

Deno.test("RebirthRequests remembers so many nodes as it may, the newest", () => {
  const { requests: each } = requests(2);
  assert.deepEqual(["a", "b", "c", "c", "b", "a"].map((node) => each.mayAsk(node)), [
    true,
    true,
    true,
    false,
    false,
    true,
  ]);
});

Deno.test("rebirthPayload() sets Node Control/Rebirth", () => {
  const { metrics, timestampMs } = readPayload(rebirthPayload(1_700_000_000_000), 10);
  assert.equal(timestampMs, 1_700_000_000_000);
  assert.deepEqual(metrics.map(({ name, dataType, value }) => ({ name, dataType, value })), [
    { name: "Node Control/Rebirth", dataType: "Boolean", value: { kind: "boolean", value: true } },
  ]);
});
