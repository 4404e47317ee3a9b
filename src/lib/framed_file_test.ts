import assert from "node:assert/strict";
import { FramedFileReader, FramedFileWriter, headed, NotWholeError, unheaded } from "./framed_file.ts";

const LIMITS = { maxLineBytes: 64, maxFrameBytes: 1000 };

async function folder() {
  const path = await Deno.makeTempDir({ prefix: "framed_" });
  const names = () => [...Deno.readDirSync(path)].map(({ name }) => name);
  return { path, names, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function write(path: string, line: string, frames: readonly Uint8Array[]): void {
  using file = FramedFileWriter.create(path, line);
  for (const frame of frames) file.add(frame);
  file.finish();
}

Deno.test("FramedFileReader reads line and frames as they were written, again after rewind()", async () => {
  await using at = await folder();
  const frames = [new Uint8Array(), Uint8Array.of(1, 2, 3), new Uint8Array(1000).fill(10)];
  write(`${at.path}/a`, '{"a":1}', frames);
  using file = FramedFileReader.open(`${at.path}/a`, LIMITS);
  assert.equal(file.line, '{"a":1}');
  for (let round = 0; round < 2; round++) {
    assert.deepEqual([file.next(), file.next(), file.next()], frames);
    assert.equal(file.at, file.bytes);
    assert.throws(() => file.next(), NotWholeError);
    file.rewind();
  }
  assert.equal((await Deno.stat(`${at.path}/a`)).mode! & 0o777, 0o600);
});

Deno.test("FramedFileReader gives the first bytes of the first frame wherever it is", async () => {
  await using at = await folder();
  write(`${at.path}/a`, "x", [Uint8Array.of(7, 8, 9), Uint8Array.of(1)]);
  using file = FramedFileReader.open(`${at.path}/a`, LIMITS);
  file.next();
  assert.deepEqual(file.first(2), Uint8Array.of(7, 8));
  assert.deepEqual(file.next(), Uint8Array.of(1));
});

Deno.test("FramedFileReader takes neither a cut frame nor one above its limit", async () => {
  await using at = await folder();
  const path = `${at.path}/a`;
  write(path, "x", [new Uint8Array(100), new Uint8Array(1001)]);
  using file = FramedFileReader.open(path, LIMITS);
  file.next();
  assert.throws(() => file.next(), NotWholeError);
  await Deno.truncate(path, 50);
  using cut = FramedFileReader.open(path, LIMITS);
  assert.throws(() => cut.next(), NotWholeError);
});

Deno.test("FramedFileReader finds no line in a file without one, or with too long a one", async () => {
  await using at = await folder();
  for (const text of ["", "no line feed", `${"x".repeat(64)}\n`]) {
    await Deno.writeTextFile(`${at.path}/a`, text);
    using file = FramedFileReader.open(`${at.path}/a`, LIMITS);
    assert.equal(file.line, "");
  }
});

Deno.test("FramedFileWriter leaves nothing that was not finished", async () => {
  await using at = await folder();
  {
    using file = FramedFileWriter.create(`${at.path}/a`, "x");
    file.add(Uint8Array.of(1));
    assert.deepEqual(at.names(), ["a.part"]);
  }
  assert.deepEqual(at.names(), []);
});

Deno.test("unheaded() gives head and body of headed()", () => {
  const { head, body } = unheaded(headed({ a: "ü" }, Uint8Array.of(1, 2)));
  assert.deepEqual([head, body], [{ a: "ü" }, Uint8Array.of(1, 2)]);
  assert.throws(() => unheaded(Uint8Array.of(255, 255, 0, 0, 1)), SyntaxError);
});
