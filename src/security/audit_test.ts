import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { tempHome } from "../../tests/fakes/temp_home.ts";
import { Audit } from "./audit.ts";

const NOTE = { who: "ada", from: "10.0.0.1", action: "dlq.purge", target: "dlq", detail: { letters: 3 } };
const MONTH_US = 31 * 86_400 * 1e6;

async function stand() {
  const home = await tempHome();
  const clock = new FakeClock(Date.UTC(2026, 0, 15) * 1000);
  const audit = new Audit(home.path, clock);
  const file = `${home.path}/audit/audit-2026-01.jsonl`;
  return { home, clock, audit, file, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

Deno.test("Audit tells the newest first, and its chain holds over instances and months", async () => {
  await using it = await stand();
  it.audit.note(NOTE);
  new Audit(it.home.path, it.clock).note({ ...NOTE, who: "bob" });
  it.clock.jump(MONTH_US);
  it.audit.note({ ...NOTE, who: "cyd" });
  assert.deepEqual([...it.audit.newest()].map(({ n, who }) => `${n} ${who}`), ["3 cyd", "2 bob", "1 ada"]);
  assert.deepEqual(it.audit.verify(), { lines: 3, faults: [] });
});

const DAMAGE: readonly (readonly [string, (lines: string[]) => string[], RegExp])[] = [
  ["a changed line", ([a = "", ...rest]) => [a.replace("ada", "eve"), ...rest], /:1: line 1 was changed/],
  ["a line taken out", ([a = "", , ...rest]) => [a, ...rest], /:2: line 3 does not follow line 1/],
  ["lines in another order", ([a = "", b = "", ...rest]) => [b, a, ...rest], /does not follow/],
  ["text that is no line", (lines) => ["rubbish", ...lines], /:1: this is no line/],
];
for (const [name, change, fault] of DAMAGE) {
  Deno.test(`Audit.verify() finds ${name}`, async () => {
    await using it = await stand();
    for (let i = 0; i < 3; i++) it.audit.note(NOTE);
    const lines = Deno.readTextFileSync(it.file).trim().split("\n");
    Deno.writeTextFileSync(it.file, `${change(lines).join("\n")}\n`);
    assert.match(it.audit.verify().faults.join("\n"), fault);
  });
}

Deno.test("Audit goes on behind a line that a power cut left without an end", async () => {
  await using it = await stand();
  it.audit.note(NOTE);
  Deno.writeTextFileSync(it.file, '{"n":2,"ti', { append: true });
  it.audit.note(NOTE);
  assert.deepEqual([...it.audit.newest()].map(({ n }) => n), [2, 1]);
  assert.equal(it.audit.verify().faults.length, 1);
});

Deno.test("Audit keeps thirteen months, and what is left of the chain holds", async () => {
  await using it = await stand();
  for (let month = 0; month < 20; month++) {
    it.audit.note(NOTE);
    it.clock.jump(MONTH_US);
  }
  const files = [...Deno.readDirSync(`${it.home.path}/audit`)].filter(({ name }) => /^audit-/.test(name));
  assert.equal(files.length, 13);
  assert.deepEqual(it.audit.verify(), { lines: 13, faults: [] });
});

Deno.test("Audit begins no older file while the clock is behind", async () => {
  await using it = await stand();
  it.audit.note(NOTE);
  it.clock.jump(-2 * MONTH_US);
  it.audit.note(NOTE);
  assert.deepEqual(it.audit.verify(), { lines: 2, faults: [] });
});

Deno.test("Audit begins a further file of the month where one is full, and loses no line", async () => {
  await using it = await stand();
  const audit = new Audit(it.home.path, it.clock, { maxFileBytes: 1000 });
  for (let i = 0; i < 48; i++) audit.note(NOTE);
  const files = [...Deno.readDirSync(`${it.home.path}/audit`)].filter(({ name }) => /^audit-/.test(name));
  assert.ok(files.length > 10, String(files.length));
  assert.deepEqual([...audit.newest()].map(({ n }) => n), Array.from({ length: 48 }, (_, i) => 48 - i));
  assert.deepEqual([...audit.lines()].map(({ entry: { n } }) => n), Array.from({ length: 48 }, (_, i) => i + 1));
  assert.equal(audit.count(), 48);
  const sizes = files.map(({ name }) => Deno.statSync(`${it.home.path}/audit/${name}`).size);
  assert.equal(audit.bytes(), sizes.reduce((sum, size) => sum + size));
  assert.deepEqual(audit.verify(), { lines: 48, faults: [] });
});

Deno.test("Audit.newest() puts lines together that are longer than what is read at a time", async () => {
  await using it = await stand();
  const text = "é".repeat(15_000);
  const detail = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`text${i}`, text]));
  for (let i = 0; i < 3; i++) it.audit.note({ ...NOTE, detail });
  it.audit.note(NOTE);
  assert.deepEqual([...it.audit.newest()].map(({ n, detail }) => [n, Object.values(detail)[0]]), [
    [4, 3],
    [3, text],
    [2, text],
    [1, text],
  ]);
});

Deno.test("Audit.newest() reads no more than is asked for", async () => {
  await using it = await stand();
  for (let i = 0; i < 3; i++) it.audit.note(NOTE);
  Deno.mkdirSync(`${it.home.path}/audit/audit-2025-12.jsonl`); // reading it would throw
  const [first] = it.audit.newest();
  assert.equal(first?.n, 3);
});

const CUT: readonly (readonly [string, (folder: string, lines: string[]) => void, RegExp])[] = [
  ["lines cut off the end", (folder, [a]) => write(folder, [a]), /head\.json: lines 2 to 3 were cut off the end/],
  ["all lines gone", (folder) => write(folder, []), /head\.json: lines 1 to 3 were cut off the end/],
  ["a head that is missing", (folder) => Deno.removeSync(`${folder}/head.json`), /head\.json: is missing/],
  ["a head of somebody else's", (folder) => {
    const head = JSON.parse(Deno.readTextFileSync(`${folder}/head.json`));
    Deno.writeTextFileSync(`${folder}/head.json`, JSON.stringify({ ...head, n: 2 }));
  }, /head\.json: was not written by this connector/],
  ["lines and head gone", (folder) => Deno.removeSync(folder, { recursive: true }), /head\.json: is missing/],
];
for (const [name, damage, fault] of CUT) {
  Deno.test(`Audit tells of ${name}, and keeps it in a line of its own`, async () => {
    await using it = await stand();
    for (let i = 0; i < 3; i++) it.audit.note(NOTE);
    damage(`${it.home.path}/audit`, Deno.readTextFileSync(it.file).trim().split("\n"));
    assert.match(it.audit.verify().faults.join("\n"), fault);
    it.audit.note(NOTE);
    const [, witness] = it.audit.newest();
    assert.equal(witness?.action, "audit.damaged");
    assert.match(`head.json: ${witness?.detail.fault}`, fault);
    assert.deepEqual(it.audit.verify().faults, []);
  });
}

Deno.test("Audit holds a line for written that a power cut left behind the head", async () => {
  await using it = await stand();
  it.audit.note(NOTE);
  const head = Deno.readTextFileSync(`${it.home.path}/audit/head.json`);
  it.audit.note(NOTE);
  Deno.writeTextFileSync(`${it.home.path}/audit/head.json`, head);
  assert.deepEqual(it.audit.verify(), { lines: 2, faults: [] });
  it.audit.note(NOTE);
  assert.deepEqual([...it.audit.newest()].map(({ action }) => action), Array(3).fill("dlq.purge"));
});

Deno.test("Audit says how much of a long text is not told", async () => {
  await using it = await stand();
  it.audit.note({ ...NOTE, detail: { diff: "x".repeat(20_000) } });
  const [line] = it.audit.newest();
  assert.match(String(line?.detail.diff), /x… \(4000 more characters\)$/);
});

function write(folder: string, lines: readonly (string | undefined)[]): void {
  Deno.writeTextFileSync(`${folder}/audit-2026-01.jsonl`, lines.map((line) => `${line}\n`).join(""));
}
