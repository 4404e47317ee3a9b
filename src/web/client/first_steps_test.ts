import assert from "node:assert/strict";
import {
  doubtsOf,
  type Entered,
  keepEntries,
  keptEntries,
  missingIn,
  nextStep,
  NOTHING,
  zerobusOf,
} from "./first_steps.ts";

const ENTERED: Entered = {
  workspace: " https://dbc-1.cloud.databricks.com ",
  endpoint: "1234567890.zerobus.eu-west-1.cloud.databricks.com",
  clientId: "app",
  secret: "s3",
  catalog: "main",
  schema: "plant",
};

for (
  const [what, config, step] of [
    ["nothing", {}, "target"],
    ["blocks that are off", { zerobus: { enabled: false }, local_sink: { enabled: false } }, "target"],
    ["a local file", { local_sink: { enabled: true }, sources: [] }, "source"],
    ["a workspace and a source", { zerobus: { enabled: true }, sources: [{ name: "a" }] }, "done"],
  ] as const
) {
  Deno.test(`after ${what} the next step is ${step}`, () => assert.equal(nextStep(config as never), step));
}

Deno.test("what seems wrong stands at its field", () => {
  assert.deepEqual(doubtsOf(ENTERED), {});
  const doubts = doubtsOf({ ...ENTERED, workspace: ENTERED.endpoint, endpoint: "https://dbc-1.cloud.databricks.com" });
  assert.match(doubts.workspace ?? "", /is a Zerobus endpoint/);
  assert.match(doubts.endpoint ?? "", /address of a workspace/);
});

Deno.test("everything has to be entered", () => {
  assert.deepEqual(missingIn(NOTHING), ["workspace", "endpoint", "clientId", "secret"]);
  assert.deepEqual(missingIn(ENTERED), []);
});

Deno.test("zerobusOf() makes the block of what was entered, without spaces around it", () => {
  assert.equal(zerobusOf(ENTERED).workspace_host, "https://dbc-1.cloud.databricks.com");
  assert.deepEqual(zerobusOf(ENTERED).target, { catalog: "main", schema: "plant" });
});

Deno.test("zerobusOf() takes the address of a workspace without the page that was open there", () => {
  const host = (workspace: string) => zerobusOf({ ...ENTERED, workspace }).workspace_host;
  assert.equal(host("https://dbc-1.cloud.databricks.com/browse?o=123"), "https://dbc-1.cloud.databricks.com");
  assert.equal(host("dbc-1.cloud.databricks.com/browse"), "dbc-1.cloud.databricks.com");
  assert.equal(host("http://127.0.0.1:8443"), "http://127.0.0.1:8443");
  assert.equal(host("no address"), "no address");
});

Deno.test("progress is kept in the browser, and never the secret", () => {
  keepEntries(ENTERED);
  assert.doesNotMatch(localStorage.getItem("first-steps") ?? "", /s3/);
  assert.deepEqual(keptEntries(), { ...ENTERED, secret: "" });
  localStorage.clear();
  assert.deepEqual(keptEntries(), NOTHING);
});
