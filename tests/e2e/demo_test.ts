/** The README's first command. */
import assert from "node:assert/strict";
import { PeerProcess } from "../peers/process.ts";

const root = new URL("../../", import.meta.url).pathname;
const TABLES = ["opcua_bronze", "mqtt_bronze", "modbus_bronze"];

Deno.test("The demonstration shows rows of all three protocols in both places, and ends cleanly when interrupted", async () => {
  const started = performance.now();
  const { peer } = await PeerProcess.start(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: root,
    ready: /Ctrl-C stops it/,
  });
  await using _peer = peer;
  for (const table of TABLES) {
    await peer.line(new RegExp(`${table} +[1-9]\\d* in the workspace +[1-9]\\d* in the local database`));
  }
  assert.ok(performance.now() - started < 20_000, "within 20 s");
  peer.kill("SIGINT");
  const [, rows = ""] = await peer.line(/The connector ended with 0; (\d+) rows are in the workspace/);
  assert.ok(Number(rows) > 0);
  const [, received, written] = await peer.line(/everything it took is delivered received=(\d+) written=(\d+)/);
  assert.equal(received, written);
  assert.equal(written, rows);
  assert.equal((await peer.status).code, 0);
});
