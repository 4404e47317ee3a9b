import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { loadText } from "../../tests/fakes/config_file.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { eventually } from "../../tests/wait.ts";
import { ownCertificate } from "../security/mod.ts";
import { JsonLog, Metrics } from "../telemetry/mod.ts";
import { watchCertificates } from "./certificate_watch.ts";

const SERIES = /^connector_certificate_expiry_timestamp_seconds\{certificate="([^"]+)"\} (\d+)$/m;

Deno.test("watchCertificates() shows when our own certificate ends, and the new end once it was renewed", async () => {
  await using home = await tempHome();
  const loaded = await loadText("local_sink: { enabled: true }\n");
  const clock = new FakeClock(Date.UTC(2026, 0, 1) * 1000);
  const made = { home: home.path, hosts: ["press-hall"] };
  await ownCertificate({ ...made, nowMs: clock.nowUs() / 1000 });
  const metrics = new Metrics({ version: "1.2.3", startedUs: 0 });
  const log = JsonLog.open({ clock, write: () => {}, level: "error", format: "json" });
  const watch = { home: home.path, clock, telemetry: { log, metrics }, loaded: () => loaded };
  await using _watch = watchCertificates(watch);
  const [, name, end] = await eventually("it is shown", async () => SERIES.exec(await metrics.text()));
  assert.equal(name, "certs/gui/certificate.pem");
  assert.ok(Number(end) * 1e6 > clock.nowUs() + 30 * 86_400e6, `${end}`);
  await ownCertificate({ ...made, nowMs: Number(end) * 1000 - 86_400_000 });
  await clock.advance(600_000);
  await eventually("the new end is shown", async () => Number(SERIES.exec(await metrics.text())?.[2]) > Number(end));
});

Deno.test("watchCertificates() tells of a home that cannot be looked at, and goes on", async () => {
  const log = new FakeLogger();
  const metrics = new Metrics({ version: "1.2.3", startedUs: 0 });
  const failing = () => {
    throw new TypeError("no configuration");
  };
  const clock = new FakeClock();
  // The log is only written to.
  const telemetry = { log: log as unknown as JsonLog, metrics };
  await using _watch = watchCertificates({ home: "/nowhere", clock, telemetry, loaded: failing });
  await eventually("it is told", () => log.lines.some(({ message }) => message.includes("no configuration")));
  await clock.advance(600_000);
  await eventually("and again", () => log.lines.length === 2);
});
