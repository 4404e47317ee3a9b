import assert from "node:assert/strict";
import { fakeSourceDeps } from "../../../tests/fakes/source_deps.ts";
import { openSession } from "./open_session.ts";
import { mqttSettings } from "./settings.ts";

/** What is said of an attempt to connect that nobody waits for. */
async function saidOf(endpoint: string, settings: object): Promise<readonly string[]> {
  const deps = fakeSourceDeps();
  const config = { name: "s", endpoint, labels: {}, settings: mqttSettings.parse({ topics: [], ...settings }) };
  const ignore = { onMessage: () => {}, onRelease: () => {}, onChunkEnd: () => {} };
  const attempt = openSession({ config, deps, signal: AbortSignal.abort(new Error("not wanted")), ...ignore });
  await assert.rejects(attempt, /not wanted/);
  return deps.log.lines.map(({ level, fields }) => `${level} ${fields.code}`);
}

Deno.test("openSession() warns at each connection of a password that goes over the network as it is", async () => {
  const login = { username: "edge", password: "secret" };
  assert.deepEqual(await saidOf("mqtt://broker.plant", login), ["warn mqtt_plain_password"]);
  assert.deepEqual(await saidOf("mqtt://broker.plant", { ...login, allow_plain_password: true }), []);
  assert.deepEqual(await saidOf("mqtts://broker.plant", login), []);
});

Deno.test("openSession() warns at each connection of a certificate that nobody verifies", async () => {
  assert.deepEqual(await saidOf("mqtts://broker.plant", { tls: { verify_mode: "CERT_NONE" } }), [
    "warn mqtt_unverified",
  ]);
});
