/** A process with a spool is killed at random moments; what it had accepted is there. */
import assert from "node:assert/strict";
import type { Buffer } from "../../src/buffer/buffer.ts";
import { difference } from "../../src/buffer/ledger.ts";
import { fakeRoute, numbersOf } from "../fakes/rows.ts";
import { SpoolHome } from "../fakes/spool.ts";

const KILLS = Number(Deno.env.get("SPOOL_KILLS") ?? 20);
const lane = fakeRoute().lane.id;

interface Outcome {
  /** The last number it said was durable. */
  readonly accepted: number;
  /** The last number it was about to acknowledge. */
  readonly acking: number;
}

/** Runs the child and kills it after `lines` lines of its output. */
async function runAndKill(words: readonly string[], lines: number, before: Outcome): Promise<Outcome> {
  const script = new URL("spool_child.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...words], stdout: "piped" });
  const child = command.spawn();
  let text = "";
  let isKilled = false;
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (isKilled || text.split("\n").length <= lines) continue;
    child.kill("SIGKILL");
    isKilled = true; // what it wrote before is still read
  }
  await child.status;
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  assert.match(whole, /^opened true$/m, "the ledger balances at start");
  const last = (word: string) => Number([...whole.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))].at(-1)?.[1] ?? -1);
  return { accepted: Math.max(before.accepted, last("accepted")), acking: Math.max(before.acking, last("acking")) };
}

/** Numbers of all rows that wait. */
async function waiting(buffer: Buffer): Promise<number[]> {
  const { spooled } = buffer.ledger().total;
  const numbers: number[] = [];
  const stop = new AbortController();
  if (spooled === 0) return numbers;
  for await (const rows of buffer.next(lane, stop.signal)) {
    numbers.push(...numbersOf(rows));
    if (numbers.length >= spooled) stop.abort();
  }
  return numbers;
}

Deno.test(`Every row that was accepted is there after each of ${KILLS} kills, once, in order, and the ledger balances`, async () => {
  await using home = new SpoolHome();
  let outcome: Outcome = { accepted: -1, acking: -1 };
  let next = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const lines = 1 + Math.floor(Math.random() ** 2 * 300);
    const seed = Math.floor(Math.random() * 1e9);
    outcome = await runAndKill([home.path, String(1000 + kill), String(next), String(seed)], lines, outcome);
    await using buffer = await home.open();
    const { total, balanced } = buffer.ledger();
    assert.ok(balanced && difference(total) === 0, `kill ${kill}, seed ${seed}: ${JSON.stringify(total)}`);
    const numbers = await waiting(buffer);
    const first = numbers[0] ?? total.received;
    assert.deepEqual(numbers, Array.from(numbers, (_, i) => first + i), `kill ${kill}, seed ${seed}: order`);
    assert.ok(first <= outcome.acking + 1, `kill ${kill}, seed ${seed}: rows before ${first} are missing`);
    next = first + numbers.length;
    assert.ok(
      next > outcome.accepted,
      `kill ${kill}, seed ${seed}: ${outcome.accepted} was accepted, ${next} is not there`,
    );
    assert.deepEqual([total.received, total.written], [next, first]);
  }
  console.log(`${KILLS} kills: ${next} rows accepted, ${outcome.accepted + 1} of them told of, 0 lost`);
});
