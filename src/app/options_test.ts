import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import type { Config } from "../config/mod.ts";
import { batchLimits, breakerTimes, drainLimits, reconnectOptions, sinkBackoff } from "./options.ts";

async function configWith(yaml: string): Promise<Config> {
  return (await loadText(`version: 1\nlocal_sink: { enabled: true }\n${yaml}`)).config;
}

Deno.test("seconds of the configuration become milliseconds", async () => {
  const config = await configWith(`
processing: { batch: { max_size: 500, max_wait_seconds: 0.25 } }
resilience:
  reconnect: { initial_delay_seconds: 0.5, max_delay_seconds: 20, backoff_multiplier: 3, max_attempts: 7 }
  circuit_breaker: { failure_threshold: 4, success_threshold: 3, timeout_seconds: 1.5 }
`);
  const { maxRows, maxWaitMs } = batchLimits(config);
  assert.deepEqual([maxRows, maxWaitMs], [500, 250]);
  assert.deepEqual(reconnectOptions(config), {
    isEnabled: true,
    initialMs: 500,
    maxMs: 20_000,
    multiplier: 3,
    maxAttempts: 7,
  });
  const { openMs, probeMs, failureThreshold, successThreshold } = breakerTimes(config);
  assert.deepEqual([openMs, probeMs, failureThreshold, successThreshold], [1500, 60_000, 4, 3]);
  const { initialMs, maxMs, multiplier } = sinkBackoff(config, () => 0);
  assert.deepEqual([initialMs, maxMs, multiplier], [500, 20_000, 2]);
});

Deno.test("a stop drains at least as long as it waits for one acknowledgement, and no longer where draining is off", async () => {
  const shutdown = (text: string) => configWith(`deployment: { shutdown: { ${text} } }\n`).then(drainLimits);
  assert.deepEqual(await shutdown("grace_period_seconds: 20, max_drain_time_seconds: 60"), {
    idleMs: 15_000,
    maxMs: 60_000,
  });
  assert.deepEqual(await shutdown("grace_period_seconds: 20, max_drain_time_seconds: 5"), {
    idleMs: 15_000,
    maxMs: 15_000,
  });
  assert.deepEqual(await shutdown("grace_period_seconds: 20, max_drain_time_seconds: 60, drain_queue: false"), {
    idleMs: 15_000,
    maxMs: 15_000,
  });
});
