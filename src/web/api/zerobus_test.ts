import assert from "node:assert/strict";
import { apiStand } from "../../../tests/fakes/api_stand.ts";

const TARGET = { catalog: "main", schema: "plant", tables: { opcua: "o", mqtt: "m", modbus: "b" } };

Deno.test("the script for the workspace has every table and each grant, by the names that were entered", async () => {
  await using it = await apiStand();
  const viewer = await it.login("viewer");
  const { status, body } = await viewer("POST", "/api/zerobus/script", { body: { ...TARGET, client_id: "app-1" } });
  assert.equal(status, 200);
  for (const table of ["o", "m", "b"]) {
    assert.match(body.sql, new RegExp(`CREATE TABLE IF NOT EXISTS main\\.plant\\.${table} \\(`));
    assert.match(body.sql, new RegExp(`GRANT SELECT, MODIFY ON TABLE main\\.plant\\.${table} TO \`app-1\`;`));
  }
});

Deno.test("one table for all has the columns of all, once each", async () => {
  await using it = await apiStand();
  const viewer = await it.login("viewer");
  const { body } = await viewer("POST", "/api/zerobus/script", { body: { ...TARGET, table: "all_rows" } });
  assert.equal(body.sql.match(/CREATE TABLE/g)?.length, 1);
  assert.equal(body.sql.match(/ {2}event_time /g)?.length, 1);
  assert.match(body.sql, /register_address[\s\S]*|node_id/);
});

Deno.test("names that are none are refused, so that the script holds nothing else", async () => {
  await using it = await apiStand();
  const viewer = await it.login("viewer");
  for (const bad of [{ catalog: "a; DROP" }, { client_id: "x` TO y" }]) {
    const { status } = await viewer("POST", "/api/zerobus/script", { body: { ...TARGET, ...bad } });
    assert.equal(status, 422);
  }
});

Deno.test("a connector without Zerobus has nothing to test, and says so", async () => {
  await using it = await apiStand();
  const operator = await it.login("operator");
  const { status, body } = await operator("POST", "/api/zerobus/test", { body: {} });
  assert.deepEqual([status, body.code], [422, "zerobus_disabled"]);
});

Deno.test("viewers test nothing, and operators only what is saved", async () => {
  await using it = await apiStand();
  const ask = async (role: "viewer" | "operator", body: unknown) =>
    (await (await it.login(role))("POST", "/api/zerobus/test", { body })).status;
  assert.equal(await ask("viewer", {}), 403);
  assert.equal(await ask("operator", { draft: { zerobus: {} } }), 403);
});
