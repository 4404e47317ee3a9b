/** A spool on a disk that gets full: a file system of 64 MB, which only root can make. */
import assert from "node:assert/strict";
import type { Buffer } from "../../src/buffer/buffer.ts";
import { fakeRoute, handover } from "../fakes/rows.ts";
import { SpoolHome } from "../fakes/spool.ts";
import { eventually } from "../wait.ts";
import { canMount, MountedDisk } from "./mounted_disk.ts";

const NEVER = new AbortController().signal;
const lane = fakeRoute().lane.id;

/** Takes all rows that wait, as the sink would; their numbers. */
async function sendAll(buffer: Buffer): Promise<number[]> {
  const numbers: number[] = [];
  const stop = new AbortController();
  if (buffer.level().queued === 0) return numbers;
  for await (const rows of buffer.next(lane, stop.signal)) {
    for (const { bytes } of rows) numbers.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
    await buffer.ack(lane, rows.at(-1)?.seq ?? 0);
    if (buffer.level().queued === 0) stop.abort();
  }
  return numbers;
}

/** 2 kB that do not compress. */
function noise({ eventTimeUs }: { eventTimeUs: number }): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(2000));
  new DataView(bytes.buffer).setUint32(0, eventTimeUs);
  return bytes;
}

Deno.test({
  name: "SpoolBuffer on a full disk says so, lets sources wait, loses nothing, and goes on once there is room",
  ignore: !canMount,
  async fn() {
    await using disk = await MountedDisk.make(64);
    const home = new SpoolHome(`${disk.path}/home`);
    const options = { reserveMb: 8, maxBytes: 1e9 };
    Deno.mkdirSync(home.path);
    Deno.writeFileSync(`${disk.path}/other`, new Uint8Array(30e6));
    const route = { ...fakeRoute(), encode: noise };
    let accepted = 0;
    const stop = new AbortController();
    {
      await using buffer = await home.open(options);
      const filling = (async () => {
        while (!stop.signal.aborted) {
          await buffer.accept(handover(100, accepted, { isWithheld: true }), route, stop.signal);
          accepted += 100;
        }
      })().catch(() => {/* it was told to stop */});
      await eventually("the disk is full", () => home.eventsOf("spool_stalled").length > 0, 30_000);
      assert.ok(buffer.level().isFull);
      assert.ok(buffer.ledger().balanced);
      Deno.removeSync(`${disk.path}/other`);
      const before = accepted;
      await eventually("rows come in again", () => home.eventsOf("spool_resumed").length > 0, 10_000);
      await eventually("rows come in again", () => accepted > before + 1000, 10_000);
      stop.abort(new Error("enough"));
      await filling;
      await (await buffer.accept(handover(1, accepted++, { isWithheld: true }), route, NEVER)).durable;
    }
    await using buffer = await home.open(options);
    const { total, balanced } = buffer.ledger();
    assert.ok(balanced, JSON.stringify(total));
    assert.equal(total.spooled, accepted);
    assert.deepEqual(await sendAll(buffer), Array.from({ length: accepted }, (_, i) => i));
  },
});

Deno.test({
  name: "SpoolBuffer on a full disk goes on by itself once the rows in it are sent, although the file stays as large",
  ignore: !canMount,
  async fn() {
    await using disk = await MountedDisk.make(64);
    const home = new SpoolHome(`${disk.path}/home`);
    Deno.mkdirSync(home.path);
    const route = { ...fakeRoute(), encode: noise };
    const stop = new AbortController();
    await using buffer = await home.open({ reserveMb: 8, maxBytes: 1e9 });
    let accepted = 0;
    const filling = (async () => {
      while (true) {
        await buffer.accept(handover(100, accepted, { isWithheld: true }), route, stop.signal);
        accepted += 100;
      }
    })().catch(() => {/* it was told to stop */});
    await eventually("the disk is full", () => home.eventsOf("spool_stalled").length > 0, 30_000);
    const before = accepted;
    const numbers: number[] = [];
    const sent = new AbortController();
    const sending = (async () => {
      for await (const rows of buffer.next(lane, sent.signal)) {
        for (const { bytes } of rows) numbers.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
        await buffer.ack(lane, rows.at(-1)?.seq ?? 0);
      }
    })();
    await eventually("rows come in again", () => accepted > before + 5000, 30_000);
    stop.abort(new Error("enough"));
    await filling;
    await buffer.drained(NEVER);
    sent.abort();
    await sending;
    assert.deepEqual(numbers.slice(0, accepted), Array.from({ length: accepted }, (_, i) => i));
    assert.ok(buffer.ledger().balanced);
  },
});
