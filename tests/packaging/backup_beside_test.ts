/** Backups of a home whose spool another process writes all the time, as a running connector does. */
import assert from "node:assert/strict";
import type { Buffer } from "../../src/buffer/buffer.ts";
import { SpoolBuffer } from "../../src/buffer/spool/mod.ts";
import { fakeRoute, numbersOf } from "../fakes/rows.ts";
import { spoolOptions } from "../fakes/spool.ts";
import { tempHome } from "../fakes/temp_home.ts";
import { homeWith, outcomeOf } from "../fakes/terminal.ts";
import { PeerProcess } from "../peers/process.ts";
import { eventually } from "../wait.ts";

const WRITER = new URL("../integration/spool_child.ts", import.meta.url).pathname;
const BACKUPS = 2;
const input = "correct horse battery";

/** The number behind the last line that begins so; -1 before there is one. */
function last(lines: readonly string[], word: string): number {
  const line = lines.findLast((each) => each.startsWith(`${word} `));
  return line === undefined ? -1 : Number(line.split(" ")[1]);
}

/** Numbers of all rows that wait, in order. */
async function waiting(buffer: Buffer): Promise<number[]> {
  const numbers: number[] = [];
  const { spooled } = buffer.ledger().total;
  if (spooled === 0) return numbers;
  for await (const rows of buffer.next(fakeRoute().lane.id, new AbortController().signal)) {
    numbers.push(...numbersOf(rows));
    if (numbers.length >= spooled) break;
  }
  return numbers;
}

Deno.test("A backup beside a process that writes has every row that was accepted before it, without a gap", async () => {
  await using home = await homeWith("version: 1\nlocal_sink: { enabled: true }\n");
  const args = ["run", "-A", "--no-check", WRITER, home.path, "100", "1", "7"];
  const { peer } = await PeerProcess.start(Deno.execPath(), { args, ready: /^accepted / });
  await using writer = peer;
  for (let n = 0; n < BACKUPS; n++) {
    const before = last(writer.lines, "accepted");
    const file = `export/${n}`;
    const made = await outcomeOf(["backup", file, "--passphrase-stdin", "--home", home.path], { input });
    assert.deepEqual([made.code, made.err], [0, ""]);
    await eventually("it went on writing", () => last(writer.lines, "accepted") > before);
    await using target = await tempHome();
    await Deno.copyFile(`${home.path}/${file}`, `${target.path}/carried`);
    const words = ["restore", "carried", "--passphrase-stdin", "--takeover", "--home", target.path];
    assert.equal((await outcomeOf(words, { input })).code, 0);
    await using buffer = await SpoolBuffer.open({ ...spoolOptions(target.path), bootEpoch: 200 });
    const { balanced, total: { received } } = buffer.ledger();
    assert.ok(balanced);
    assert.ok(received >= before, `${before} rows were accepted before, and it knows of ${received}`);
    const numbers = await waiting(buffer);
    const [first = 0] = numbers;
    assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, i) => first + i), "no gap, no row twice");
  }
});
