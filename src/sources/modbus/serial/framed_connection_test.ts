import assert from "node:assert/strict";
import { FakeLine, type Reply } from "../../../../tests/fakes/byte_line.ts";
import { ConnectionError } from "../../../core/error.ts";
import { AnswerError, type Outcome } from "../outcome.ts";
import type { ReadRange } from "../pdu.ts";
import { Abandoned } from "./abandoned.ts";
import { crc16 } from "./crc16.ts";
import { FramedConnection } from "./framed_connection.ts";
import { rtu } from "./rtu.ts";

const TIMEOUT_MS = 500;
/** Two requests whose answers look alike, and one whose answer does not. */
const A: ReadRange = { slaveId: 7, registerType: "holding", start: 0, count: 1 };
const B: ReadRange = { ...A, start: 50 };
const LONG: ReadRange = { ...A, start: 100, count: 2 };
/** A request whose answer of 3 bytes is as long as the request. */
const BITS: ReadRange = { slaveId: 7, registerType: "coil", start: 0x300, count: 17 };
const NOISE = Uint8Array.of(0x55, 0xff, 0x00, 0x55);

function frame(...bytes: number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

/** The answer of unit 7 with one register. */
function answer(value: number): Uint8Array {
  return frame(7, 3, 2, 0, value);
}

function after(afterMs: number, ...parts: Uint8Array[]): Reply {
  return parts.map((bytes) => ({ afterMs, bytes }));
}

/** A connection over a fake line, and what it tells beside outcomes. */
class Bench {
  readonly line: FakeLine;
  readonly faults: string[] = [];
  readonly late: [unit: number, afterMs: number][] = [];
  readonly abandoned = new Abandoned(TIMEOUT_MS);
  connection: FramedConnection;

  constructor(kind: "serial" | "remote" = "serial") {
    this.line = new FakeLine(kind);
    this.connection = this.connect();
  }

  connect(): FramedConnection {
    return new FramedConnection(this.line, {
      framing: rtu,
      timeoutMs: TIMEOUT_MS,
      clock: this.line.clock,
      abandoned: this.abandoned,
      onFault: (fault) => void this.faults.push(fault),
      onLate: (unit, afterMs) => void this.late.push([unit, afterMs]),
    });
  }

  /** The register read, or how it ended otherwise. */
  async read(range: ReadRange, ...replies: Reply[]): Promise<number | string | undefined> {
    this.line.replies.push(...replies);
    return told(await this.connection.read(range));
  }
}

function told(outcome: Outcome): number | string | undefined {
  if (outcome.kind === "data") return outcome.data.getUint16(0);
  return outcome.kind === "exception" ? `exception ${outcome.code}` : outcome.heard ?? "silence";
}

Deno.test("FramedConnection reads an answer that comes in pieces, and an exception", async () => {
  const bench = new Bench();
  const bytes = answer(9);
  assert.equal(
    await bench.read(A, [{ afterMs: 1, bytes: bytes.slice(0, 3) }, { afterMs: 80, bytes: bytes.slice(3) }]),
    9,
  );
  assert.equal(await bench.read(A, after(1, frame(7, 0x83, 2))), "exception 2");
  assert.deepEqual(bench.faults, []);
});

Deno.test("FramedConnection keeps the line silent before a request", async () => {
  const bench = new Bench();
  for (let n = 0; n < 3; n++) await bench.read(A, after(10, answer(1)));
  assert.deepEqual(bench.line.sentMs, [0, 14, 28]);
});

Deno.test("FramedConnection finds an answer in noise, and counts the noise", async () => {
  const bench = new Bench();
  assert.equal(await bench.read(A, after(5, NOISE, answer(9), NOISE)), 9);
  assert.deepEqual(bench.faults, ["noise"]);
});

Deno.test("FramedConnection finds an answer behind a flood of noise", async () => {
  const bench = new Bench();
  const flood = after(5, ...Array.from({ length: 50 }, () => new Uint8Array(100).fill(0x55)), answer(9));
  assert.equal(await bench.read(A, flood), 9);
});

Deno.test("FramedConnection waits for silence after noise before it asks", async () => {
  const bench = new Bench();
  await bench.read(A, after(10, answer(1)));
  bench.line.say(2, NOISE);
  await bench.read(A, after(10, answer(1)));
  assert.deepEqual(bench.line.sentMs, [0, 16]);
  assert.deepEqual(bench.faults, ["noise"]);
});

Deno.test("FramedConnection says that a line is never silent, and does not ask", async () => {
  const bench = new Bench();
  await bench.read(A, after(10, answer(1)));
  for (let n = 1; n < 1000; n++) bench.line.say(2 * n, NOISE);
  assert.match(String(await bench.read(A)), /^was not asked, since \/dev\/ttyFAKE is never silent: look for a second/);
  assert.equal(bench.line.sent.length, 1);
});

const DAMAGED: Readonly<Record<string, { bytes: Uint8Array; fault: string; says: RegExp }>> = {
  "a wrong check sum": {
    bytes: Uint8Array.of(...answer(9).slice(0, 6), 0),
    fault: "checksum",
    says: /^gave an answer with a/,
  },
  "an answer that broke off": {
    bytes: answer(9).slice(0, 5),
    fault: "truncated",
    says: /^gave an answer that broke off/,
  },
  "noise": { bytes: NOISE, fault: "noise", says: /^did not answer; what came is noise \(4 bytes\)/ },
  "another unit's answer": {
    bytes: frame(8, 3, 2, 0, 1),
    fault: "foreign",
    says: /a frame from unit 8 came.*set slave_id: 8/,
  },
  "another function's answer": { bytes: frame(7, 4, 2, 0, 1), fault: "foreign", says: /a frame for function 4 came/ },
  "another length": {
    bytes: frame(7, 3, 4, 0, 1, 0, 1),
    fault: "foreign",
    says: /function 3 came.*raise timeout_seconds first/,
  },
  "Modbus TCP": {
    bytes: Uint8Array.of(0, 1, 0, 0, 0, 3, 7, 0x83, 2),
    fault: "noise",
    says: /^did not answer; what came is a frame of Modbus TCP: use modbus\+tcp:\/\/ for this gateway/,
  },
};

for (const [what, { bytes, fault, says }] of Object.entries(DAMAGED)) {
  Deno.test(`FramedConnection takes no value from ${what}, says what came, and reads on`, async () => {
    const bench = new Bench();
    assert.match(String(await bench.read(A, after(5, bytes))), says);
    assert.deepEqual(bench.faults, [fault]);
    assert.equal(await bench.read(A, after(5, answer(3))), 3);
  });
}

Deno.test("FramedConnection does not wait long after an answer that is damaged", async () => {
  const bench = new Bench();
  await bench.read(A, after(5, DAMAGED["a wrong check sum"]?.bytes ?? NOISE));
  assert.equal(bench.line.nowMs, 55);
});

Deno.test("FramedConnection names the line's settings until something was answered", async () => {
  const bench = new Bench();
  assert.match(
    String(await bench.read(A, after(5, NOISE))),
    /: check that baudrate, parity, bytesize and stopbits are/,
  );
  await bench.read(A, after(5, answer(3)));
  assert.doesNotMatch(String(await bench.read(A, after(5, NOISE))), /baudrate/);
  const remote = new Bench("remote");
  assert.match(String(await remote.read(A, after(5, NOISE))), /: check the gateway's serial settings/);
});

Deno.test("FramedConnection gives nobody a late answer that looks like another's, and asks once it came", async () => {
  const bench = new Bench();
  assert.equal(await bench.read(A, after(900, answer(1))), "silence");
  assert.equal(await bench.read(B, after(5, answer(2))), 2);
  assert.deepEqual(bench.late, [[7, 900]]);
  assert.ok((bench.line.sentMs[1] ?? 0) >= 900, `${bench.line.sentMs}`);
  assert.deepEqual(bench.faults, []);
});

Deno.test("FramedConnection gives nobody an answer that is late from the connection before", async () => {
  const bench = new Bench();
  await bench.read(A, after(900, answer(1)));
  bench.connection = bench.connect();
  assert.equal(await bench.read(B, after(5, answer(2))), 2);
  assert.deepEqual(bench.late, [[7, 900]]);
});

Deno.test("FramedConnection says until when what looks alike has to wait, where an answer may still come", async () => {
  const bench = new Bench();
  const silent = await bench.connection.read(A);
  assert.equal(silent.kind === "timeout" && silent.clearAtMs, bench.line.nowMs + 1000);
  bench.line.replies.push(after(5, answer(9).fill(0, 5)));
  const damaged = await bench.connection.read(A);
  assert.equal(damaged.kind === "timeout" && damaged.clearAtMs, undefined);
});

/** The answer of unit 7 to something else: what it was asked before is through. */
const ELSE = after(5, frame(7, 4, 2, 0, 0));
const REFUSED = after(5, frame(7, 0x84, 1));

for (const [what, reply] of [["values", ELSE], ["an exception", REFUSED]] as const) {
  Deno.test(`FramedConnection asks what looks alike once the unit answers something else with ${what}`, async () => {
    const bench = new Bench();
    assert.equal(await bench.read(A), "silence");
    const gaveUpMs = bench.line.nowMs;
    assert.equal(await bench.read(B, reply, after(5, answer(2))), 2);
    assert.equal(bench.line.sentMs[1], gaveUpMs + 1000);
    assert.deepEqual(bench.line.sent.map((bytes) => bytes[1]), [3, 4, 3], "functions asked");
    assert.equal(await bench.read(B, after(5, answer(3))), 3, "asked at once: nothing is in doubt any more");
  });
}

Deno.test("FramedConnection gives nobody an answer that a link held back for longer than anybody waits", async () => {
  const bench = new Bench();
  await bench.read(A, after(2900, answer(1)));
  const unasked = await bench.read(B);
  assert.match(String(unasked), /^was not asked, since an answer to what it was asked before may still come$/);
  for (let turn = 0; turn < 4 && bench.late.length === 0; turn++) await bench.read(B);
  assert.deepEqual(bench.late, [[7, 2900]]);
  const askedMs = bench.line.sentMs.filter((_, i) => i > 0 && bench.line.sent[i]?.[1] === 3);
  assert.ok(askedMs.every((ms) => ms >= 2900), `B was asked at ${askedMs}`);
});

Deno.test("FramedConnection asks what looks alike after ten seconds of a unit that answers nothing else", async () => {
  const bench = new Bench();
  await bench.read(A);
  const gaveUpMs = bench.line.nowMs;
  while (bench.line.sent.at(-1)?.[1] !== 3 || bench.line.sent.length === 1) await bench.read(B);
  assert.ok((bench.line.sentMs.at(-1) ?? 0) >= gaveUpMs + 11_000, `${bench.line.sentMs}`);
});

Deno.test("FramedConnection takes values of another length for a sign that what was asked before is through", async () => {
  const bench = new Bench();
  await bench.read(A);
  await bench.read(LONG, after(5, frame(7, 3, 4, 0, 1, 0, 2)));
  const askedMs = bench.line.nowMs;
  assert.equal(await bench.read(B, after(5, answer(2))), 2);
  assert.equal(bench.line.sentMs[2], askedMs + bench.line.silenceMs);
});

Deno.test("FramedConnection asks the same, another length and another unit at once after a silence", async () => {
  for (const range of [A, LONG, { ...A, slaveId: 8 }, { ...A, registerType: "input" as const }]) {
    const bench = new Bench();
    await bench.read(A);
    const gaveUpMs = bench.line.nowMs;
    await bench.read(range);
    assert.equal(bench.line.sentMs[1], gaveUpMs);
  }
});

Deno.test("FramedConnection waits longer for late answers once it has seen how late they are", async () => {
  const bench = new Bench();
  await bench.read(A, after(1400, answer(1)));
  await bench.read(B);
  assert.deepEqual(bench.late, [[7, 1400]]);
  const gaveUpMs = bench.line.nowMs;
  await bench.read(A);
  assert.equal(bench.line.sentMs[2], gaveUpMs + 2800);
  const other = await bench.connection.read({ ...A, slaveId: 8 });
  assert.equal(other.kind === "timeout" && other.clearAtMs, bench.line.nowMs + 1000, "another unit is not as slow");
});

Deno.test("FramedConnection knows that the other answer may come still when the same was asked twice", async () => {
  const bench = new Bench();
  assert.equal(await bench.read(A, after(600, answer(1))), "silence");
  assert.equal(await bench.read(A, after(400, answer(2))), 1, "the late one, of the same registers");
  assert.equal(await bench.read(B, after(5, answer(3))), 3);
  assert.deepEqual(bench.late.map(([unit]) => unit), [7]);
});

Deno.test("FramedConnection waits for that other answer from when the second was asked", async () => {
  const bench = new Bench();
  await bench.read(A);
  bench.line.nowMs = 1400;
  const late = after(50, answer(1));
  const own = after(200, answer(1));
  assert.equal(await bench.read(A, [...late, ...own]), 1);
  assert.equal(await bench.read(B, after(5, answer(2))), 2);
  assert.deepEqual(bench.late.map(([unit]) => unit), [7]);
});

Deno.test("FramedConnection takes a late answer for that to the last of the same requests, and waits for all of them", async () => {
  const bench = new Bench();
  await bench.read(A);
  await bench.read(A, after(600, answer(1)));
  const clearMs = bench.line.nowMs + 1000;
  assert.equal(await bench.read(B, ELSE, after(5, answer(2))), 2);
  assert.deepEqual(bench.late, [[7, 600]]);
  assert.equal(bench.line.sentMs[2], clearMs, "the answer to the first may still come");
});

Deno.test("FramedConnection throws a late answer of another length away while it waits for its own", async () => {
  const bench = new Bench();
  await bench.read(LONG, after(600, frame(7, 3, 4, 0, 1, 0, 2)));
  assert.equal(await bench.read(A, after(200, answer(9))), 9);
  assert.deepEqual([bench.late, bench.faults], [[[7, 600]], []]);
});

Deno.test("FramedConnection takes no exception that may answer the request before", async () => {
  const bench = new Bench();
  await bench.read(LONG, after(600, frame(7, 0x83, 2)));
  assert.equal(await bench.read(A, after(200, answer(9))), 9);
  assert.deepEqual(bench.late, [[7, 600]]);
});

Deno.test("FramedConnection reads a line on which requests come back", async () => {
  const bench = new Bench();
  for (let n = 0; n < 3; n++) assert.equal(await bench.read(A, after(1, rtu.encode(A), answer(n))), n);
  assert.deepEqual(bench.faults, []);
  assert.equal(await bench.read(A, after(1, rtu.encode(A))), "silence");
});

Deno.test("FramedConnection takes its own request for no answer, though it has the form of one", async () => {
  const request = rtu.encode(BITS);
  const echoing = new Bench();
  assert.equal(await echoing.read(BITS, after(1, request)), "silence", "nothing is known of the line");
  assert.equal(await echoing.read(BITS, after(1, request, frame(7, 1, 3, 1, 0, 1))), 0x100);
  const silent = new Bench();
  await silent.read(A, after(1, answer(1)));
  assert.equal(await silent.read(BITS, after(1, request)), 0, "requests do not come back on this line");
});

Deno.test("FramedConnection ends when its line does, and blames the request only where a gateway closed", async () => {
  const serial = new Bench();
  const reading = serial.read(A);
  serial.line.lose();
  await assert.rejects(reading, (error) => error instanceof ConnectionError && !(error instanceof AnswerError));
  await assert.rejects(serial.read(A), ConnectionError);
  const remote = new Bench("remote");
  const remoteReading = remote.read(A);
  remote.line.lose();
  await assert.rejects(remoteReading, AnswerError);
});

Deno.test("FramedConnection is worth opening again where a gateway closed it after an answer", async () => {
  for (const kind of ["serial", "remote"] as const) {
    const bench = new Bench(kind);
    await bench.read(A, after(1, answer(1)));
    bench.line.lose();
    assert.equal(bench.connection.isWorthReopening, kind === "remote");
  }
});
