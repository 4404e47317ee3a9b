import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { FakeLogger } from "../../tests/fakes/logger.ts";
import { SourceMemoryFile } from "./source_memory.ts";

interface Home extends AsyncDisposable {
  readonly home: string;
  readonly file: string;
  readonly log: FakeLogger;
  readonly clock: FakeClock;
  open(source?: string): SourceMemoryFile;
}

async function makeHome(): Promise<Home> {
  const home = await Deno.makeTempDir();
  const [log, clock] = [new FakeLogger(), new FakeClock()];
  return {
    home,
    file: `${home}/memory/plc.json`,
    log,
    clock,
    open: (source = "plc") => new SourceMemoryFile(source, { home, clock, log }),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

Deno.test("SourceMemoryFile gives back after a restart what was kept, and nothing that was forgotten", async () => {
  await using home = await makeHome();
  {
    using memory = home.open();
    memory.keep("holes", { of: "device", at: [4, 5] });
    memory.keep("names", ["a"]);
    memory.keep("names", undefined);
  }
  using memory = home.open();
  assert.deepEqual(memory.recall("holes"), { of: "device", at: [4, 5] });
  assert.equal(memory.recall("names"), undefined);
});

Deno.test("SourceMemoryFile writes changes some seconds later, for its owner alone, and nothing without a change", async () => {
  await using home = await makeHome();
  using memory = home.open();
  await home.clock.advance(10_000);
  assert.throws(() => Deno.statSync(home.file), Deno.errors.NotFound);
  memory.keep("a", 1);
  await home.clock.advance(10_000);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(home.file)), { a: 1 });
  assert.equal((Deno.statSync(home.file).mode ?? 0) & 0o777, 0o600);
});

Deno.test("SourceMemoryFile keeps the memories of sources apart", async () => {
  await using home = await makeHome();
  using one = home.open("one");
  using other = home.open("other");
  one.keep("a", 1);
  assert.equal(other.recall("a"), undefined);
});

Deno.test("SourceMemoryFile keeps a value as it was, whatever becomes of the object", async () => {
  await using home = await makeHome();
  using memory = home.open();
  const value = { at: [1] };
  memory.keep("a", value);
  value.at.push(2);
  assert.deepEqual(memory.recall("a"), { at: [1] });
});

for (const text of ["", "{", "null", "7"]) {
  Deno.test(`SourceMemoryFile is empty where the file holds ${JSON.stringify(text)}`, async () => {
    await using home = await makeHome();
    Deno.mkdirSync(`${home.home}/memory`);
    Deno.writeTextFileSync(home.file, text);
    using memory = home.open();
    assert.equal(memory.recall("a"), undefined);
  });
}

Deno.test("SourceMemoryFile says that it cannot keep more than a mebibyte, and leaves the file as it was", async () => {
  await using home = await makeHome();
  using memory = home.open();
  memory.keep("a", 1);
  await home.clock.advance(10_000);
  memory.keep("a", "x".repeat(1024 * 1024));
  await home.clock.advance(10_000);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(home.file)), { a: 1 });
  assert.match(JSON.stringify(home.log), /it has 1048\d+ bytes, and may have 1048576; nothing is lost by it/);
  memory.keep("a", undefined);
});

Deno.test("SourceMemoryFile neither reads nor writes through a link, and says so", async () => {
  await using home = await makeHome();
  const elsewhere = `${home.home}/elsewhere.json`;
  Deno.writeTextFileSync(elsewhere, '{"a":1}');
  Deno.mkdirSync(`${home.home}/memory`);
  Deno.symlinkSync(elsewhere, home.file);
  {
    using memory = home.open();
    assert.equal(memory.recall("a"), undefined);
    memory.keep("a", 2);
  }
  assert.match(JSON.stringify(home.log), /memory\/plc\.json is a symbolic link/);
  assert.equal(Deno.readTextFileSync(elsewhere), '{"a":1}');
});
