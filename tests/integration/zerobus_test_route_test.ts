/** The test of the pages at a workspace by hand: live, with settings that are not saved, and with kept secrets. */
import assert from "node:assert/strict";
import { apiStand } from "../fakes/api_stand.ts";
import { ZerobusDoctor } from "../../src/doctor/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { startZerobus } from "../peers/zerobus/mod.ts";
import { ConfigService } from "../../src/service/config_service.ts";
import { loadConfig, type LoadedConfig } from "../../src/config/mod.ts";
import { tempHome } from "../fakes/temp_home.ts";
import { FakeLogger } from "../fakes/logger.ts";
import type { ZerobusPeer } from "../peers/zerobus/mod.ts";

interface Line {
  readonly kind: string;
  readonly id?: string;
  readonly healthy?: boolean;
  readonly result?: { readonly id: string; readonly state: string };
}

async function standFor(zerobus: ZerobusPeer) {
  const home = await tempHome();
  const yaml = `version: 1
zerobus:
  workspace_host: ${zerobus.workspaceHost}
  zerobus_endpoint: ${zerobus.zerobusEndpoint}
  workspace_id: "${zerobus.workspaceId}"
  auth: { client_id: ${zerobus.clientId}, client_secret: ${zerobus.clientSecret} }
`;
  await Deno.mkdir(`${home.path}/config`);
  await Deno.writeTextFile(`${home.path}/config/connector.yaml`, yaml);
  const files = { env: () => undefined, readTextFile: (path: string) => Deno.readTextFile(path) };
  const loaded: LoadedConfig = await loadConfig({ home: home.path, ...files });
  const engine = { loaded, change: () => Promise.resolve() };
  const log = new FakeLogger();
  const changes = new ConfigService({ home: home.path, ...files, clock: systemClock, engine, log: () => log });
  const network = () => Promise.resolve({ extraRoots: zerobus.caPem, proxy: undefined });
  const doctor = new ZerobusDoctor({ clock: systemClock, version: "1.2.3", network });
  const it = await apiStand({ changes, doctor });
  return {
    it,
    [Symbol.asyncDispose]: async () => (await it[Symbol.asyncDispose](), await home[Symbol.asyncDispose]()),
  };
}

const linesOf = (text: string): Line[] => text.trim().split("\n").map((line) => JSON.parse(line));

Deno.test("settings that are not saved are tested with the saved secret, step by step", async () => {
  await using zerobus = await startZerobus();
  await using stand = await standFor(zerobus);
  const admin = await stand.it.login("administrator");
  const draft = { zerobus: { target: { tables: { mqtt: "other" } } } };
  const { status, body } = await admin("POST", "/api/zerobus/test", { body: { draft } });
  assert.equal(status, 200);
  const lines = linesOf(body);
  assert.deepEqual(lines.slice(0, 2).map(({ kind }) => kind), ["begun", "done"]);
  assert.deepEqual(lines.at(-1), { kind: "end", healthy: false });
  const failed = lines.flatMap(({ result }) => result?.state === "fail" ? result.id : []);
  assert.deepEqual(failed, ["table.iot_data.bronze.other"]);
});

Deno.test("a kept secret is not sent to another host than it was saved for", async () => {
  await using zerobus = await startZerobus();
  await using elsewhere = await startZerobus();
  await using stand = await standFor(zerobus);
  const admin = await stand.it.login("administrator");
  const draft = { zerobus: { workspace_host: elsewhere.workspaceHost } };
  const { status, body } = await admin("POST", "/api/zerobus/test", { body: { draft } });
  assert.equal(status, 422);
  assert.deepEqual(body.errors.map(({ path }: { path: string }) => path), ["zerobus.auth.client_secret"]);
  assert.equal(elsewhere.refusals.length + elsewhere.stats.tokens, 0);
});
