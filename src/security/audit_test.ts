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
  const files = [...Deno.readDirSync(`${it.home.path}/audit`)].filter(({ name }) => name !== "lock");
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
