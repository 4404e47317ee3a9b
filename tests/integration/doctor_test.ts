/** The doctor at a workspace by hand: each thing that goes wrong has its words and its remedy. */
import assert from "node:assert/strict";
import { MQTT } from "../../src/bronze/mod.ts";
import { laneTo } from "../../src/core/lane.ts";
import { runSteps, type StepResult, ZerobusSteps } from "../../src/doctor/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { zerobusSettings } from "../../src/sinks/zerobus/spec.ts";
import { startZerobus, type ZerobusPeer } from "../peers/zerobus/mod.ts";

const TABLE = "iot_data.bronze.mqtt_bronze";

interface Look {
  readonly secret?: string;
  readonly trusts?: boolean;
  readonly endpoint?: string;
  readonly proxy?: string;
}

async function look(zerobus: ZerobusPeer, options: Look = {}): Promise<Map<string, StepResult>> {
  const { secret = zerobus.clientSecret, trusts = true, endpoint = zerobus.zerobusEndpoint, proxy } = options;
  using steps = new ZerobusSteps({
    settings: zerobusSettings.parse({
      workspace_host: zerobus.workspaceHost,
      zerobus_endpoint: endpoint,
      workspace_id: zerobus.workspaceId,
      auth: { client_id: zerobus.clientId, client_secret: secret },
    }),
    lanes: [laneTo(TABLE, MQTT.name)],
    clock: systemClock,
    version: "1.2.3",
    extraRoots: trusts ? zerobus.caPem : undefined,
    proxy: proxy === undefined ? undefined : { url: proxy, noProxy: "" },
  });
  const { signal } = new AbortController();
  const told = await Array.fromAsync(runSteps(steps.steps, { clock: systemClock, signal }));
  return new Map(told.flatMap((each) => each.kind === "done" ? [[each.result.id, each.result]] : []));
}

function failed(found: ReadonlyMap<string, StepResult>): string[] {
  return [...found.values()].filter(({ state }) => state === "fail").map(({ id }) => id);
}

Deno.test("a workspace that is as it should be is found well, and not a row is written", async () => {
  await using zerobus = await startZerobus();
  const found = await look(zerobus);
  // The workspace's certificates are made for some days.
  assert.deepEqual([...found.values()].filter(({ state, id }) => state !== "ok" && !id.endsWith(".tls")), []);
  assert.deepEqual(failed(found), []);
  assert.match(found.get("endpoint.tls")?.measured ?? "", /TLSv1\.3, certificate of CN=localhost, signed by/);
  assert.match(found.get("clock")?.measured ?? "", /^\d s /);
  assert.equal(zerobus.count(TABLE), 0);
  assert.equal(zerobus.stats.streams, 1);
});

Deno.test("a table that is not there is told with the statements that make it and grant it", async () => {
  await using zerobus = await startZerobus({ tables: [] });
  const found = await look(zerobus);
  assert.deepEqual(failed(found), [`table.${TABLE}`]);
  const copy = found.get(`table.${TABLE}`)?.remedy?.copy ?? "";
  assert.match(copy, /CREATE TABLE IF NOT EXISTS iot_data\.bronze\.mqtt_bronze \(\n {2}event_time TIMESTAMP,/);
  assert.match(copy, new RegExp(`GRANT SELECT, MODIFY ON TABLE ${TABLE} TO \`${zerobus.clientId}\`;`));
  assert.equal(found.get(`table.${TABLE}.stream`)?.state, "skipped");
});

Deno.test("a wrong secret fails at the token, and is not shown", async () => {
  await using zerobus = await startZerobus();
  const found = await look(zerobus, { secret: "not-the-secret" });
  assert.deepEqual(failed(found), ["token"]);
  assert.doesNotMatch(JSON.stringify([...found]), /not-the-secret/);
});

Deno.test("a missing grant is told with its statement", async () => {
  await using zerobus = await startZerobus();
  zerobus.planWeb("token", { kind: "slow", delayMs: 0 });
  zerobus.planWeb("token", { kind: "http", status: 400, body: { error: "invalid_authorization_details" } });
  const found = await look(zerobus);
  assert.deepEqual(failed(found), [`table.${TABLE}.grant`]);
  assert.match(found.get(`table.${TABLE}.grant`)?.remedy?.copy ?? "", /^GRANT USE CATALOG ON CATALOG iot_data/);
});

Deno.test("an authority that is not trusted is named, and nothing behind it is tried", async () => {
  await using zerobus = await startZerobus();
  const found = await look(zerobus, { trusts: false });
  assert.deepEqual(failed(found), ["workspace.tls", "endpoint.tls"]);
  assert.match(found.get("workspace.tls")?.cause ?? "", /does not trust CN=Test Authority/);
  assert.equal(found.get("token")?.state, "skipped");
});

Deno.test("a port that nobody listens at is told with a line for the firewall", async () => {
  await using zerobus = await startZerobus();
  const found = await look(zerobus, { endpoint: "localhost:1" });
  assert.deepEqual(failed(found), ["endpoint.tcp"]);
  assert.match(found.get("endpoint.tcp")?.measured ?? "", /ECONNREFUSED/);
  assert.equal(found.get("endpoint.tcp")?.remedy?.copy, "allow TCP from this host to localhost port 1");
  assert.equal(found.get(`table.${TABLE}.columns`)?.state, "ok");
});

Deno.test("a proxy that wants a password is told apart from one that is not there", async () => {
  await using zerobus = await startZerobus();
  using proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = answerAll(proxy, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  const wants = await look(zerobus, { proxy: `http://127.0.0.1:${proxy.addr.port}` });
  assert.match(wants.get("workspace.proxy")?.cause ?? "", /wants a user and a password/);
  proxy.close();
  await answering;
  const gone = await look(zerobus, { proxy: "http://127.0.0.1:1" });
  assert.match(gone.get("workspace.proxy")?.measured ?? "", /ECONNREFUSED/);
});

async function answerAll(listener: Deno.Listener, text: string): Promise<void> {
  try {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode(text));
      connection.close();
    }
  } catch { /* it was closed */ }
}
