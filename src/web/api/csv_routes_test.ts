import assert from "node:assert/strict";
import { draftStand } from "../../../tests/fakes/draft_stand.ts";

const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:1
    modbus:
      registers:
        - { name: a, address: 1, data_type: uint16 }
        - { name: b, address: 2, data_type: float32, labels: { area: north } }
`;
const PATH = "/api/sources/meters/csv";
const headers = { "content-type": "text/csv", "if-match": "*" };

Deno.test("GET csv gives what a source reads, and POST csv of the same changes nothing", async () => {
  await using desk = await draftStand(YAML);
  const { status, headers: told, body } = await desk.admin("GET", PATH);
  assert.equal(body, "name,address,data_type,labels.area\r\na,1,uint16,\r\nb,2,float32,north\r\n");
  assert.deepEqual([status, told.get("content-disposition")], [200, 'attachment; filename="registers.csv"']);
  const spreadsheet = await desk.admin("GET", `${PATH}?separator=semicolon&bom=true`);
  assert.match(spreadsheet.body, /^\uFEFF?name;address/);
  const same = await desk.admin("POST", `${PATH}?dry_run=true`, { body, headers });
  assert.deepEqual([same.status, same.body.same, same.body.added.count, same.body.removed.count], [200, 2, 0, 0]);
});

Deno.test("POST csv tells beforehand what it adds, changes and removes", async () => {
  await using desk = await draftStand(YAML);
  const body = "\uFEFFname;address\r\nb;3\r\nc;4";
  const { body: told } = await desk.admin("POST", `${PATH}?dry_run=true`, { body, headers });
  const names = [told.added.names, told.changed.names, told.removed.names, told.same, told.applied];
  assert.deepEqual(names, [["c"], ["b"], ["a"], 0, null]);
  const kept = await desk.admin("POST", `${PATH}?dry_run=true&keep_missing=true`, { body, headers });
  assert.deepEqual([kept.body.removed.count, kept.body.same], [0, 1]);
});

Deno.test("POST csv tells line and column of what is wrong, what only the whole configuration tells too", async () => {
  await using desk = await draftStand(YAML);
  const post = (body: string | Uint8Array) => desk.admin("POST", `${PATH}?dry_run=true`, { body, headers });
  const wrong = await post("name,address\na,1\nb,x");
  assert.deepEqual([wrong.status, wrong.body.code, wrong.body.errors[0].path], [
    422,
    "csv_unfit",
    "line 3, column B (address)",
  ]);
  const twins = await post("name,address\na,1\n\na,2");
  assert.equal(twins.status, 422);
  assert.match(twins.body.errors[0].path, /^line 4/);
  assert.equal((await post(Uint8Array.of(0x6e, 0xff))).body.code, "csv_not_utf8");
  assert.equal(
    (await desk.admin("POST", PATH, { body: "name,address\na,1", headers: { "content-type": "text/csv" } })).status,
    428,
  );
  const operator = await desk.stand.login("operator");
  assert.equal((await operator("POST", PATH, { body: "", headers })).status, 403);
  assert.equal((await desk.admin("GET", "/api/sources/nobody/csv")).status, 404);
});

Deno.test("POST csv takes thousands of registers", async () => {
  await using desk = await draftStand(YAML);
  const lines = Array.from({ length: 5000 }, (_, n) => `r${n},${n},zero_based`).join("\n");
  const { status, body } = await desk.admin("POST", `${PATH}?dry_run=true`, {
    body: `name,address,addressing\n${lines}`,
    headers,
  });
  assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
  assert.deepEqual([status, body.added.count, body.added.names.length], [200, 5000, 1000]);
});
