import assert from "node:assert/strict";
import { endpointDoubt, pairDoubt, workspaceDoubt } from "./databricks_address.ts";

for (
  const [text, says] of [
    ["1234567890.zerobus.eu-west-1.cloud.databricks.com", undefined],
    ["https://1234567890.zerobus.westeurope.azuredatabricks.net", undefined],
    ["1234567890.zerobus.europe-west3.gcp.databricks.com:443", undefined],
    ["localhost:7443", undefined],
    ["${DATABRICKS_ENDPOINT}", undefined],
    ["", undefined],
    ["https://dbc-a1b2.cloud.databricks.com/?o=12", /address of a workspace/],
    ["zerobus.eu-west-1.cloud.databricks.com", /number is missing/],
    ["dbc-a1.zerobus.eu-west-1.cloud.databricks.com", /number, zerobus and region/],
    ["ingest.plant.example", /look like/],
  ] as const
) {
  Deno.test(`endpointDoubt() of "${text}" ${says ? "tells what is wrong" : "is none"}`, () => {
    if (says) assert.match(endpointDoubt(text) ?? "", says);
    else assert.equal(endpointDoubt(text), undefined);
  });
}

for (
  const [text, says] of [
    ["https://dbc-a1b2.cloud.databricks.com", undefined],
    ["adb-12345.6.azuredatabricks.net", undefined],
    ["1234567890.zerobus.eu-west-1.cloud.databricks.com", /is a Zerobus endpoint/],
    ["https://accounts.cloud.databricks.com", /account console/],
    ["databricks.plant.example", /look like/],
  ] as const
) {
  Deno.test(`workspaceDoubt() of "${text}" ${says ? "tells what is wrong" : "is none"}`, () => {
    if (says) assert.match(workspaceDoubt(text) ?? "", says);
    else assert.equal(workspaceDoubt(text), undefined);
  });
}

Deno.test("pairDoubt() tells another cloud, and the number of another workspace", () => {
  const azure = "1234567890.zerobus.westeurope.azuredatabricks.net";
  assert.match(
    pairDoubt("https://dbc-1.cloud.databricks.com", azure) ?? "",
    /on AWS, and the Zerobus endpoint on Azure/,
  );
  assert.match(pairDoubt("https://adb-99999999.3.azuredatabricks.net", azure) ?? "", /number is 99999999/);
  assert.equal(pairDoubt("https://adb-1234567890.3.azuredatabricks.net", azure), undefined);
});
