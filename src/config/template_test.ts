import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";

/** A file with every key of the configuration's first template. */
const TEMPLATE = Deno.readTextFileSync(new URL("testdata/template.yaml", import.meta.url));
const ENV = { DATABRICKS_CLIENT_ID: "id", DATABRICKS_CLIENT_SECRET: "secret" };

Deno.test("loadConfig() warns of every setting of the template that is not in effect, once each", async () => {
  const { config, sources, warnings } = await loadText(TEMPLATE, { env: ENV });
  assert.deepEqual(warnings.map(({ path }) => path), [
    "zerobus.connection.max_retries",
    "processing.dead_letter_queue.path",
    "resilience.health_check.interval_seconds",
  ]);
  assert.equal(config.deployment.instance_id, "edge");
  assert.deepEqual(sources.map(({ spec }) => spec.type), ["opcua", "mqtt", "modbus"]);
});

const MEANINGLESS = [
  "performance: { workers: { reader_threads: 4 } }",
  "performance: { connection_pool: { enabled: true, max_size: 10 } }",
  "performance: { memory: { max_heap_mb: 512, gc_strategy: g1 } }",
  "features: { opcua: true }",
];

for (const yaml of MEANINGLESS) {
  Deno.test(`loadConfig() accepts ${yaml} and says that it has no meaning`, async () => {
    const { warnings } = await loadText(yaml);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]?.message ?? "", /^has no meaning here: /);
  });
}

Deno.test("loadConfig() says nothing of a part that is not there and is switched off", async () => {
  const { warnings } = await loadText(
    "monitoring: { tracing: { enabled: false, sample_ratio: 0.5 } }\ndeployment: { mode: production }",
  );
  assert.deepEqual(warnings, []);
});

Deno.test("loadConfig() says what happens instead where the encryption of the spool is switched off", async () => {
  const [warning, ...others] = (await loadText(
    "backpressure: { durability: disk, disk_spool: { max_size_mb: 100, encryption: false } }",
  )).warnings;
  assert.deepEqual(others, []);
  assert.equal(warning?.message, "is not in effect in this version: the spool is always encrypted");
});
