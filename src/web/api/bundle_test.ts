import assert from "node:assert/strict";
import { apiStand } from "../../../tests/fakes/api_stand.ts";
import { readBundle } from "../../support/mod.ts";
import { LOCAL_PEER } from "../peer.ts";

const PASSPHRASE = "a passphrase of some length";
const PATH = "/api/support-bundle";

/** As a browser asks. */
function asking({ cookie, csrf }: { readonly cookie: string; readonly csrf: string }): Request {
  return new Request(`http://localhost:8080${PATH}`, {
    method: "POST",
    headers: {
      host: "localhost:8080",
      cookie: `iot_session_8080=${cookie}`,
      "x-csrf": csrf,
      "content-type": "application/json",
    },
    body: JSON.stringify({ passphrase: PASSPHRASE }),
  });
}

Deno.test("POST /api/support-bundle gives a sealed file with what the connector has in memory, and the audit tells of it", async () => {
  await using it = await apiStand();
  const admin = await it.login("administrator");
  it.logs.log("info", "setup code: ABCD-1234 makes the first administrator");
  it.logs.log("warn", "a line of the log");
  const response = await it.fetch(asking(admin), LOCAL_PEER);
  assert.equal(response.status, 200);
  const file = `${it.home}/it.bundle`;
  await Deno.writeFile(file, new Uint8Array(await response.arrayBuffer()));
  const texts = await readBundle(file, { passphrase: PASSPHRASE });
  assert.match(texts["log.txt"] ?? "", /a line of the log/);
  assert.doesNotMatch(texts["log.txt"] ?? "", /ABCD-1234/);
  const { missing, files } = JSON.parse(texts["manifest.json"] ?? "");
  assert.deepEqual(missing, {});
  assert.ok(["status.json", "metrics.json", "certificates.json", "spool.json"].every((name) => name in files));
  const [last] = it.access.audit.newest();
  assert.deepEqual([last?.action, last?.target], ["support.bundle", "support.bundle"]);
});

Deno.test("POST /api/support-bundle gives one where nothing is kept on disk, without what a spool holds", async () => {
  await using it = await apiStand({ workplace: () => undefined });
  const admin = await it.login("administrator");
  const response = await it.fetch(asking(admin), LOCAL_PEER);
  assert.equal(response.status, 200);
  const file = `${it.home}/it.bundle`;
  await Deno.writeFile(file, new Uint8Array(await response.arrayBuffer()));
  const texts = await readBundle(file, { passphrase: PASSPHRASE });
  assert.deepEqual(Object.keys(JSON.parse(texts["manifest.json"] ?? "").missing), ["spool.json"]);
});

Deno.test("POST /api/support-bundle is for administrators, and wants a passphrase of 12 characters", async () => {
  await using it = await apiStand();
  const operator = await it.login("operator");
  assert.equal((await operator("POST", PATH, { body: { passphrase: PASSPHRASE } })).status, 403);
  const admin = await it.login("administrator");
  for (const body of [{ passphrase: "short" }, {}, { recipient: "no key" }]) {
    assert.equal((await admin("POST", PATH, { body })).status, 422);
  }
});
