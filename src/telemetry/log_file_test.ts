import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { eventually } from "../../tests/wait.ts";
import { LogFile, type LogFileOptions, type Shelf } from "./log_file.ts";

/** A disk in memory that takes `room` bytes. */
class FakeDisk implements Shelf {
  room = Infinity;
  text = "";
  readonly former: string[] = [];
  opened = 0;

  open() {
    this.opened++;
    return Promise.resolve({
      write: (bytes: Uint8Array) => this.#write(bytes),
      // Nothing but the size is looked at.
      stat: () => Promise.resolve({ size: this.text.length } as Deno.FileInfo),
      close: () => {},
    });
  }

  rotate() {
    this.former.unshift(this.text);
    this.text = "";
    return Promise.resolve();
  }

  sweep() {
    return Promise.resolve();
  }

  #write(bytes: Uint8Array): Promise<number> {
    if (this.room === 0) return Promise.reject(new Error("No space left on device (os error 28)"));
    const count = Math.min(bytes.length, this.room);
    this.room -= count;
    this.text += new TextDecoder().decode(bytes.subarray(0, count));
    return Promise.resolve(count);
  }
}

function open(more: Partial<LogFileOptions> = {}) {
  const clock = new FakeClock();
  const disk = new FakeDisk();
  const told: string[] = [];
  const counts = { lost: 0 };
  const file = new LogFile({
    shelf: disk,
    maxBytes: 1000,
    clock,
    lostLine: (count) => `${count} lines are missing`,
    failed: (reason) => void told.push(reason),
    lost: () => void counts.lost++,
    ...more,
  });
  return { clock, disk, told, counts, file };
}

Deno.test("LogFile writes lines in their order, and all that waits before it is closed", async () => {
  const { disk, file, told } = open();
  for (let i = 0; i < 5; i++) file.write(`line ${i}`);
  await file[Symbol.asyncDispose]();
  file.write("too late");
  assert.equal(disk.text, "line 0\nline 1\nline 2\nline 3\nline 4\n");
  assert.deepEqual(told, []);
});

Deno.test("LogFile begins a new file before one grows beyond its size, and cuts no line", async () => {
  const { disk, file } = open({ maxBytes: 100 });
  for (let i = 0; i < 20; i++) {
    file.write(`line ${String(i).padStart(15, "0")}`);
    await eventually("it is written", () => disk.text.endsWith(`${i}\n`));
  }
  await file[Symbol.asyncDispose]();
  assert.ok(disk.former.length >= 4, `${disk.former.length}`);
  for (const text of disk.former) assert.ok(text.length <= 100 && text.endsWith("\n"), text);
  const lines = [...disk.former.toReversed(), disk.text].join("").trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => Number(line.slice(5))), Array.from({ length: 20 }, (_, i) => i));
});

Deno.test("LogFile goes on where a full disk stopped it, with nothing lost or twice, and tells of it once", async () => {
  const { clock, disk, file, told, counts } = open();
  disk.room = 8;
  file.write("line 0");
  file.write("line 1");
  await eventually("it is told", () => told.length > 0);
  file.write("line 2");
  await clock.advance(5000);
  await clock.advance(5000);
  assert.deepEqual(told, ["No space left on device (os error 28)"]);
  disk.room = Infinity;
  await clock.advance(5000);
  await eventually("the rest is there", () => disk.text.endsWith("line 2\n"));
  file.write("line 3");
  await file[Symbol.asyncDispose]();
  assert.equal(disk.text, "line 0\nline 1\nline 2\nline 3\n");
  assert.equal(counts.lost, 0);
});

Deno.test("LogFile does not try a full disk with every line", async () => {
  const { disk, file, told } = open();
  disk.room = 0;
  file.write("line 0");
  await eventually("it is told", () => told.length > 0);
  const { opened } = disk;
  for (let i = 0; i < 100; i++) file.write(`line ${i}`);
  await Promise.resolve();
  assert.equal(disk.opened, opened);
  await file[Symbol.asyncDispose]();
});

Deno.test("LogFile keeps 4 MiB of lines while the disk takes none, counts those beyond, and says in the file how many", async () => {
  const { clock, disk, file, told, counts } = open({ maxBytes: 1e9 });
  disk.room = 0;
  file.write("first");
  await eventually("it is told", () => told.length > 0);
  for (let i = 0; i < 50; i++) file.write("x".repeat(100_000));
  assert.equal(counts.lost, 50 - 41);
  disk.room = Infinity;
  await clock.advance(5000);
  await eventually("it is written", () => disk.text.includes("9 lines are missing\n"));
  await file[Symbol.asyncDispose]();
  assert.equal(disk.text.split("\n").length, 1 + 1 + 41 + 1);
});

Deno.test("LogFile ends though the disk hangs", async () => {
  const { clock, disk, file } = open();
  disk.open = () => new Promise(() => {});
  file.write("line 0");
  const ended = file[Symbol.asyncDispose]();
  await clock.advance(2000);
  await clock.advance(2000);
  await ended;
});
