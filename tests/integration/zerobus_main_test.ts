import assert from "node:assert/strict";
import { freePort, PeerProcess } from "../peers/process.ts";

const MAIN = new URL("../peers/zerobus/main.ts", import.meta.url).pathname;

Deno.test("the fake workspace runs on given ports in a process of its own, answers /stats, and ends on SIGTERM", async () => {
  const [webPort, ingestPort] = [freePort(), freePort()];
  const ports = ["--web-port", String(webPort), "--ingest-port", String(ingestPort)];
  const { peer, ready } = await PeerProcess.start(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...ports, "--verify", "light"],
    ready: /^\{.*\}$/,
  });
  await using _peer = peer;
  const said = JSON.parse(ready[0]);
  assert.equal(said.workspaceHost, `https://localhost:${webPort}`);
  assert.equal(said.zerobusEndpoint, `localhost:${ingestPort}`);
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(said.caPath)] });
  const stats = await (await fetch(`${said.workspaceHost}/stats`, { client })).json();
  assert.equal(stats.tables["iot_data.bronze.modbus_bronze"], 0);
  peer.kill("SIGTERM");
  assert.equal((await peer.status).code, 0);
  await assert.rejects(Deno.stat(said.caPath), Deno.errors.NotFound);
});
