/**
 * Accepts numbered rows into a spool until it is killed, more at a time than one commit takes, and sends and acknowledges
 * them at its leisure, some or very many at a time. Prints
 * `accepted N` once the rows up to N are durable, and `acking N` before it acknowledges up to N.
 * Words: the home directory, the boot epoch, the first number, and a seed.
 */
import type { Buffer } from "../../src/buffer/buffer.ts";
import { SpoolBuffer } from "../../src/buffer/spool/mod.ts";
import type { Reading } from "../../src/core/reading.ts";
import { fakeRoute, handover, numbersOf } from "../fakes/rows.ts";
import { spoolOptions } from "../fakes/spool.ts";

const [home = "", epoch, first, seed] = Deno.args;
const NEVER = new AbortController().signal;
let state = Number(seed);

/** Uniform in [0, 1): mulberry32. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Rows as of `fakeRoute`, with blanks behind their number. */
const route = {
  ...fakeRoute(),
  encode: ({ tag, eventTimeUs }: Reading) => new TextEncoder().encode(`${tag}:${eventTimeUs}`.padEnd(400)),
};
/** How often what was sent is not acknowledged yet. */
const laziness = random() < 0.5 ? 0.4 : 0.98;

async function send(buffer: Buffer): Promise<void> {
  const { id } = route.lane;
  for await (const rows of buffer.next(id, NEVER)) {
    const last = rows.at(Math.floor(rows.length * random()));
    if (!last || random() < laziness) continue;
    say(`acking ${numbersOf([last])[0]}`);
    await buffer.ack(id, last.seq);
  }
}

const options = { ...spoolOptions(home), bootEpoch: Number(epoch), maxUnsent: 300, commitIntervalMs: 5 };
const buffer = await SpoolBuffer.open(options);
say(`opened ${buffer.ledger().balanced}`);
void send(buffer);
for (let next = Number(first);;) {
  const count = 1 + Math.floor(random() ** 3 * 1500);
  const receipt = await buffer.accept(handover(count, next, { isWithheld: true }), route, NEVER);
  next += count;
  const last = next - 1;
  void receipt.durable.then(() => say(`accepted ${last}`));
  if (random() < 0.2) await receipt.durable;
}
