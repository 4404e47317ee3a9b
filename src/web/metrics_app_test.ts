import assert from "node:assert/strict";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { metricsApp } from "./metrics_app.ts";

const view = { contentType: "text/plain; version=0.0.4; charset=utf-8", text: () => Promise.resolve("a 1\n") };

Deno.test("metricsApp() answers its path with the metrics and their content type", async () => {
  const response = await metricsApp("/plant/metrics", view, new FakeLogger()).request("/plant/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), view.contentType);
  assert.equal(await response.text(), "a 1\n");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("metricsApp() answers nothing else", async () => {
  const app = metricsApp("/metrics", view, new FakeLogger());
  for (const path of ["/", "/metrics/", "/metrics/x", "/health"]) {
    assert.equal((await app.request(path)).status, 404, path);
  }
  assert.equal((await app.request("/metrics", { method: "POST" })).status, 405);
});
