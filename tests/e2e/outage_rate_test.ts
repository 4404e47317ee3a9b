/** The workspace is away for a minute (`OUTAGE_SECONDS`) while messages keep coming, and they go on coming after it. */
import assert from "node:assert/strict";
import { usageOf } from "../bench/cpu.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { PeerProcess } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { NumberedPeer } from "./numbered_peer.ts";
import { startConnector, stopBalanced } from "./stand.ts";

const OUTAGE_SECONDS = Number(Deno.env.get("OUTAGE_SECONDS") ?? 60);
const RATE = 5000;
const TOPICS = 10;
const ACK_DELAY_MS = 50;
/** Memory of the process while the workspace is away, and while the backlog goes. */
const MAX_MB = 300;
/** How much faster the backlog goes than new messages come, at least. */
const LEAST_SPEED = 10;
/** The backlog has ended when no more waits than arrives in half a second. */
const NO_BACKLOG = RATE / 2;

Deno.test(`A workspace that was away for ${OUTAGE_SECONDS} s at ${RATE} messages/s gets all of them, in order, at ten times that rate, and memory stays bounded`, async () => {
  await using stack = new AsyncDisposableStack();
  const workspace = stack.use(await NumberedPeer.start(ACK_DELAY_MS));
  const broker = stack.use(await Mosquitto.start());
  const line = `{ name: line, protocol: mqtt, endpoint: "mqtt://127.0.0.1:${broker.port}", ` +
    `mqtt: { topics: [{ topic: "plant/#", qos: 1 }] } }`;
  const connector = stack.use(await startConnector({ zerobus: workspace.addresses, sources: [line] }));
  await connector.logged(/Source line is connected/);
  const publisher = stack.use(await startPublisher(broker.port));
  const startMs = performance.now();
  const sent = () => ((performance.now() - startMs) * RATE) / 1000;
  await eventually("rows flow", () => workspace.standing.arrived > RATE);
  await workspace.goAway();
  const awayMs = performance.now();
  await eventually("the outage is over", () => performance.now() - awayMs >= OUTAGE_SECONDS * 1000, 2 ** 31);
  const { peakMb: awayMb, writtenMb } = usageOf(connector.pid);
  const before = workspace.standing.arrived;
  await workspace.comeBack();
  const backMs = performance.now();
  const ended = await eventually("the backlog ends", () => {
    const { arrived } = workspace.standing;
    return sent() - arrived < NO_BACKLOG && { arrived, ms: performance.now() };
  }, 120_000);
  const seconds = (ended.ms - backMs) / 1000;
  const speed = ((ended.arrived - before) / seconds - RATE) / RATE;
  publisher.kill("SIGTERM");
  const published = Number((await publisher.line(/^published (\d+)$/))[1]) * TOPICS;
  const publishedAt = (performance.now() - startMs) / 1000;
  const isOver = () => workspace.standing.arrived === published || workspace.standing.faults.length > 0;
  await eventually("all arrived", isOver, 30_000);
  const { peakMb } = usageOf(connector.pid);
  const last = await stopBalanced(connector);
  const { resent, redelivered, faults } = workspace.standing;
  console.log(
    `${OUTAGE_SECONDS} s away: ${published} messages, ${Math.round(published / publishedAt)}/s; backlog gone in ` +
      `${seconds.toFixed(1)} s, ${speed.toFixed(1)} times the live rate beside it; ${resent} resent; memory at most ` +
      `${awayMb.toFixed(0)} MB while it was away, ${peakMb.toFixed(0)} MB in all; ${writtenMb.toFixed(0)} MB written ` +
      "to the disk while it was away",
  );
  assert.deepEqual(faults, []);
  assert.deepEqual([last.received, last.written, redelivered], [published, published, 0]);
  assert.ok(published / publishedAt > RATE * 0.98, "the publisher kept its rate");
  assert.ok(peakMb < MAX_MB, `${peakMb} MB`);
  assert.ok(speed >= LEAST_SPEED, `the backlog went at ${speed.toFixed(1)} times the live rate`);
});

async function startPublisher(port: number): Promise<PeerProcess> {
  const script = new URL("steady_publisher.ts", import.meta.url).pathname;
  const args = ["run", "-A", script, ...[port, TOPICS, RATE].map(String)];
  const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready: /^publishing$/ });
  return peer;
}
