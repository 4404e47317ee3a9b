import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { eventually } from "../../tests/wait.ts";
import { takeUpload, type UploadOptions } from "./spool_upload.ts";

const MEGABYTE = 1024 * 1024;

async function stand(options: Partial<UploadOptions> = {}) {
  const home = await tempHome();
  const path = `${home.path}/upload.part`;
  const clock = new FakeClock();
  const rest = { length: undefined, maxBytes: 100 * MEGABYTE, clock, signal: new AbortController().signal };
  return {
    path,
    clock,
    take: (body: ReadableStream<Uint8Array>) =>
      takeUpload(body, { path, ...rest, freeBytes: () => Promise.resolve(1e12), ...options }),
    isThere: () => Deno.stat(path).then(() => true, () => false),
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

const parts = (...lengths: number[]) => ReadableStream.from(lengths.map((length) => new Uint8Array(length).fill(7)));

Deno.test("takeUpload() keeps what came until it is disposed, for its owner alone, whatever was left there", async () => {
  await using it = await stand();
  await Deno.writeTextFile(it.path, "left of a stop in the middle");
  {
    using upload = await it.take(parts(3, 5));
    assert.deepEqual(await Deno.readFile(upload.path), new Uint8Array(8).fill(7));
    assert.equal((await Deno.stat(upload.path)).mode! & 0o777, 0o600);
    assert.equal(upload.bytes, 8);
  }
  assert.equal(await it.isThere(), false);
});

Deno.test("takeUpload() ends with what is larger than it may be, told or not", async () => {
  await using it = await stand({ maxBytes: MEGABYTE });
  await assert.rejects(it.take(parts(MEGABYTE, 1)), { code: "upload_too_large" });
  await using told = await stand({ maxBytes: MEGABYTE, length: MEGABYTE + 1 });
  await assert.rejects(told.take(parts(1)), { code: "upload_too_large" });
  assert.deepEqual([await it.isThere(), await told.isThere()], [false, false]);
});

Deno.test("takeUpload() leaves the disk the room that the spool needs, told how much comes or not", async () => {
  let free = 300 * MEGABYTE;
  const freeBytes = () => Promise.resolve(free);
  await using told = await stand({ length: 90 * MEGABYTE, freeBytes });
  await assert.rejects(told.take(parts(1)), { code: "no_room" });
  await using untold = await stand({ freeBytes });
  const rest = async function* () {
    yield new Uint8Array(1);
    free = 10 * MEGABYTE;
    yield await Promise.resolve(new Uint8Array(17 * MEGABYTE));
  };
  await assert.rejects(untold.take(ReadableStream.from(rest())), { code: "no_room" });
  assert.equal(await untold.isThere(), false);
});

Deno.test("takeUpload() ends when nothing comes for 30 seconds, or the sender is gone", async () => {
  await using it = await stand();
  const taking = assert.rejects(it.take(new ReadableStream()), { code: "upload_stalled" });
  await eventually("it waits", it.isThere);
  await it.clock.advance(29_000);
  assert.equal(await it.isThere(), true);
  await it.clock.advance(1_000);
  await taking;
  const gone = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("reset")) });
  await assert.rejects(it.take(gone), { code: "upload_stalled" });
  assert.equal(await it.isThere(), false);
});
