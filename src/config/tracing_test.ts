import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";

const HEADER = 'headers: [{ name: x-key, value: "a secret" }]';

const tracing = (otlp: string) => loadText(`monitoring: { tracing: { enabled: true, otlp: { ${otlp} } } }`);

for (
  const [what, otlp, message] of [
    ["headers that others could read on the way", `endpoint: "http://10.0.0.9:4318", ${HEADER}`, /https address/],
    ["a user name in the address", 'endpoint: "https://user:password@a.example"', /must not hold a user name/],
    ["a header that requests have by themselves", 'headers: [{ name: Content-Type, value: "x" }]', /by themselves/],
    ["a header of two lines", 'headers: [{ name: "x\\ny", value: "x" }]', /name of a header/],
    ["another scheme", 'endpoint: "grpc://localhost:4317"', /http or https address/],
  ] as const
) {
  Deno.test(`loadConfig() refuses ${what} for traces`, async () => {
    await assert.rejects(tracing(otlp), message);
  });
}

for (
  const endpoint of ["http://localhost:4318", "http://127.0.0.1:4318", "http://[::1]:4318", "https://10.0.0.9:4318"]
) {
  Deno.test(`loadConfig() takes headers for a collector at ${endpoint}, and says nothing of traces`, async () => {
    const { config, warnings } = await tracing(`endpoint: "${endpoint}", ${HEADER}`);
    assert.deepEqual(warnings, []);
    const [header = assert.fail("no header")] = config.monitoring.tracing.otlp.headers;
    assert.deepEqual([header.name, `${header.value}`, header.value.reveal()], ["x-key", "***", "a secret"]);
  });
}
