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

Deno.test("SourceMemoryFile takes no more than a mebibyte of UTF-8 in all, and says so once until it takes something again", async () => {
  await using home = await makeHome();
  using memory = home.open();
  memory.keep("a", 1);
  for (let i = 0; i < 3; i++) memory.keep("b", "é".repeat(600_000));
  assert.equal(memory.recall("b"), undefined);
  assert.deepEqual(home.log.lines.map(({ level }) => level), ["warn"]);
  assert.match(
    home.log.lines[0]?.message ?? "",
    /it would have 1200\d+ bytes, and may have 1048576; nothing is lost by it/,
  );
  for (let i = 0; i < 100; i++) memory.keep(`c${i}`, "x".repeat(100_000));
  assert.equal(home.log.lines.length, 2);
  await home.clock.advance(10_000);
  const kept = JSON.parse(Deno.readTextFileSync(home.file));
  assert.deepEqual(Object.keys(kept).length, 11, "as many as there is room for");
  assert.ok(Deno.statSync(home.file).size <= 1024 * 1024);
});

Deno.test("SourceMemoryFile tries again what the disk did not take, and says so once until it does", async () => {
  await using home = await makeHome();
  Deno.writeTextFileSync(`${home.home}/memory`, "no directory");
  using memory = home.open();
  memory.keep("a", 1);
  await home.clock.advance(30_000);
  assert.deepEqual(home.log.lines.map(({ level }) => level), ["warn"]);
  Deno.removeSync(`${home.home}/memory`);
  await home.clock.advance(10_000);
  assert.deepEqual(JSON.parse(Deno.readTextFileSync(home.file)), { a: 1 });
  await Deno.remove(`${home.home}/memory`, { recursive: true });
  Deno.writeTextFileSync(`${home.home}/memory`, "no directory");
  memory.keep("a", 2);
  await home.clock.advance(10_000);
  assert.equal(home.log.lines.length, 2);
});

Deno.test("SourceMemoryFile takes no file for its own that is larger than it may be", async () => {
  await using home = await makeHome();
  Deno.mkdirSync(`${home.home}/memory`);
  Deno.writeTextFileSync(home.file, JSON.stringify({ a: "x".repeat(1024 * 1024) }));
  using memory = home.open();
  assert.equal(memory.recall("a"), undefined);
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
