/** A connector on a host whose clock begins in 1970: what its rows, its log and its health say. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { startApp } from "../../src/app.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { homeWith } from "../fakes/terminal.ts";
import { startModbusServer } from "../peers/modbus_server.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";

/** The labels of all rows so far, in their order; none while there is no table yet. */
function labelsIn(home: string): (string | undefined)[] {
  try {
    using stack = new DisposableStack();
    const db = stack.adopt(new DatabaseSync(`${home}/data/local.db`, { readOnly: true }), (each) => each.close());
    const table = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%modbus%'").get();
    if (!table) return [];
    const rows = db.prepare(`SELECT labels FROM "${table.name}" ORDER BY boot_epoch, seq`).all();
    return rows.map(({ labels }) => JSON.parse(String(labels ?? "{}")).host_clock);
  } catch {
    return []; // the file is being made
  }
}

Deno.test("rows of a host whose clock begins in 1970 say so from the first one on, until it is set", async () => {
  await using device = startModbusServer();
  const gui = freePort();
  await using home = await homeWith(`version: 1
local_sink: { enabled: true }
processing: { batch: { max_wait_seconds: 0.05 } }
gui: { port: ${gui} }
monitoring: { metrics: { enabled: false } }
sources:
  - name: meter
    protocol: modbus
    endpoint: modbus+tcp://127.0.0.1:${device.port}
    modbus: { poll_interval_seconds: 0.05, registers: [{ name: a, address: 0 }] }
`);
  let offsetUs = -systemClock.nowUs() + 12_000_000;
  const clock = { ...systemClock, nowUs: () => systemClock.nowUs() + offsetUs };
  const lines: { level: string; code?: string; message: string }[] = [];
  const loaded = await loadConfig({
    home: home.path,
    env: () => undefined,
    readTextFile: (path) => Deno.readTextFile(path),
  });
  const write = (line: string) => void lines.push(JSON.parse(line));
  await using app = await startApp({ loaded, home: home.path, clock, random: Math.random, write });
  await eventually("rows of 1970", () => labelsIn(home.path).length >= 3, 20_000);
  const health = await (await fetch(`http://127.0.0.1:${gui}/health`)).json();
  assert.deepEqual([health.status, health.causes], ["degraded", ["the host's clock is wrong"]]);
  const doubt = lines.find(({ code }) => code === "clock_before_release");
  assert.match(
    doubt?.message ?? "",
    /^The host's clock says 1970-01-01T00:00:\d\d\.\d+Z, which is before this version/,
  );
  const marked = labelsIn(home.path).length;
  offsetUs = 0;
  await eventually("rows of now", () => labelsIn(home.path).length >= marked + 5, 20_000);
  const labels = labelsIn(home.path);
  const first = labels.indexOf(undefined);
  assert.ok(first >= marked, `${first} rows say it`);
  assert.deepEqual(new Set(labels.slice(0, first)), new Set(["before_release"]));
  assert.deepEqual(new Set(labels.slice(first)), new Set([undefined]));
  await eventually("it is told", () => lines.some(({ code }) => code === "clock_trusted"), 20_000);
  assert.equal(await app.stop(), true);
});
