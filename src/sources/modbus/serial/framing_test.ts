import assert from "node:assert/strict";
import fc from "fast-check";
import type { ReadRange } from "../pdu.ts";
import { ascii } from "./ascii.ts";
import { crc16 } from "./crc16.ts";
import type { Framing } from "./framing.ts";
import { rtu } from "./rtu.ts";

const HOLDING: ReadRange = { slaveId: 1, registerType: "holding", start: 0, count: 10 };

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

function textOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("rtu.encode() is what libmodbus sends", () => {
  assert.equal(rtu.encode(HOLDING).toHex(), "01030000000ac5cd");
  assert.equal(
    rtu.encode({ slaveId: 17, registerType: "coil", start: 19, count: 37 }).toHex(),
    "110100130025" + "0e84",
  );
});

Deno.test("ascii.encode() is what pymodbus sends", () => {
  const range: ReadRange = { slaveId: 0xf7, registerType: "holding", start: 0x1389, count: 10 };
  assert.equal(new TextDecoder().decode(ascii.encode(range)), ":F7031389000A60\r\n");
});

function framed(...bytes: number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(bytes));
  return Uint8Array.of(...bytes, crc & 0xff, crc >> 8);
}

/** Answers of libmodbus (RTU) and pymodbus (ASCII). */
const ANSWERS: readonly { what: string; framing: Framing; bytes: Uint8Array; gives: unknown[] }[] = [
  { what: "RTU data", framing: rtu, bytes: bytesOf("05 03 02 00 40 48 74"), gives: [5, 3, "020040"] },
  { what: "an RTU exception", framing: rtu, bytes: bytesOf("01 83 02 c0 f1"), gives: [1, 0x83, "02"] },
  { what: "ASCII data", framing: ascii, bytes: textOf(":110302002BBF\r\n"), gives: [17, 3, "02002b"] },
  { what: "ASCII in small letters", framing: ascii, bytes: textOf(":110302002bbf\r\n"), gives: [17, 3, "02002b"] },
  { what: "an ASCII exception", framing: ascii, bytes: textOf(":1183026A\r\n"), gives: [17, 0x83, "02"] },
];

for (const { what, framing, bytes, gives } of ANSWERS) {
  Deno.test(`next() finds ${what}, between noise and after the beginning of a frame`, () => {
    const noise = Uint8Array.of(0xff, 0x3a, 5, 3, 0x31);
    const all = Uint8Array.of(...noise, ...bytes, ...noise);
    const frame = framing.next(all, 0);
    assert.deepEqual([frame?.unitId, frame?.functionCode, frame?.data.toHex()], gives);
    assert.deepEqual([frame?.begin, frame?.end], [noise.length, noise.length + bytes.length]);
    assert.equal(framing.next(all, noise.length + 1), undefined, "and no other");
  });

  Deno.test(`next() finds nothing in ${what} of which a byte is wrong or missing`, () => {
    for (let at = 0; at < bytes.length; at++) {
      const wrong = bytes.slice();
      wrong[at] = (wrong[at] ?? 0) ^ 0x01;
      assert.equal(framing.next(wrong, 0), undefined, `byte ${at}`);
      assert.equal(framing.next(bytes.subarray(0, at), 0), undefined, `cut at ${at}`);
    }
  });
}

Deno.test("next() takes no frame of a function that does not read", () => {
  assert.equal(rtu.next(bytesOf("01 06 00 01 00 03 98 0b"), 0), undefined);
  assert.equal(rtu.next(framed(1, 6, 2, 0, 3), 0), undefined);
  assert.ok(rtu.next(framed(1, 3, 2, 0, 3), 0));
  assert.equal(ascii.next(textOf(":010600010003F5\r\n"), 0), undefined);
});

Deno.test("next() takes no frame whose check sum is still to come, even where that is 0", () => {
  const values = Array.from({ length: 65_536 }, (_, value) => framed(1, 3, 2, value >> 8, value & 0xff));
  const zero = values.find((bytes) => bytes[5] === 0 && bytes[6] === 0) ?? assert.fail("no such value");
  assert.ok(rtu.next(zero, 0));
  assert.equal(rtu.next(zero.subarray(0, 5), 0), undefined);
});

for (const [name, framing] of Object.entries({ rtu, ascii })) {
  Deno.test(`next() never throws, and what it finds lies in what it got (${name})`, () => {
    const character = fc.constantFrom(0x3a, 0x0d, 0x0a, 0x30, 0x31, 0x33, 1, 3, 2, 0x83);
    const bytes = fc.array(fc.oneof(character, fc.nat(255)), { maxLength: 300 });
    fc.assert(fc.property(bytes, fc.nat(20), (content, from) => {
      const frame = framing.next(Uint8Array.from(content), from);
      if (frame) assert.ok(frame.begin >= from && frame.end <= content.length);
    }));
  });

  Deno.test(`tornAnswer() tells an answer that is damaged from one that broke off, and from noise (${name})`, () => {
    const header = name === "rtu" ? bytesOf("01 03 14") : textOf(":010314");
    const whole = Uint8Array.of(...header, ...new Uint8Array(framing.lengthOf(20) - header.length).fill(0x30));
    const noise = new Uint8Array(9).fill(0x55);
    assert.equal(framing.tornAnswer(whole, HOLDING), "checksum");
    assert.equal(framing.tornAnswer(Uint8Array.of(...noise, ...whole), HOLDING), "checksum");
    assert.equal(framing.tornAnswer(whole.subarray(0, -1), HOLDING), "truncated");
    assert.equal(framing.tornAnswer(whole, { ...HOLDING, slaveId: 2 }), undefined);
    assert.equal(framing.tornAnswer(noise, HOLDING), undefined);
  });
}
