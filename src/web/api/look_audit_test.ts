import assert from "node:assert/strict";
import { draftStand } from "../../../tests/fakes/draft_stand.ts";

const YAML = `version: 1
local_sink: { enabled: true }
sources: []
`;
const source = {
  protocol: "modbus",
  endpoint: "modbus+tcp://127.0.0.1:1",
  modbus: { registers: [{ name: "r", address: 1, data_type: "uint16" }] },
};
const TARGET = "modbus+tcp://127.0.0.1:1";

Deno.test("Who has the connector connect to addresses that are not saved is in the audit, once in five minutes", async () => {
  await using desk = await draftStand(YAML);
  for (let i = 0; i < 3; i++) await desk.admin("POST", "/api/draft/test", { body: { source, seconds: 0.5 } });
  await desk.admin("POST", "/api/lab", { body: { source, address: 1 } });
  await desk.admin("POST", "/api/browse", { body: { source, listen_seconds: 0.2 } });
  const { body: { items } } = await desk.admin("GET", "/api/audit");
  const looks = items.filter(({ action }: { action: string }) => action === "device.looked");
  assert.deepEqual(
    looks.map(({ target, detail }: { target: string; detail: { how: string } }) => [target, detail.how]),
    [
      [TARGET, "browse"],
      [TARGET, "registers"],
      [TARGET, "test"],
    ],
  );
});
