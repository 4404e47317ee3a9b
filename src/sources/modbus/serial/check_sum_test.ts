import assert from "node:assert/strict";
import { crc16 } from "./crc16.ts";
import { lrc } from "./lrc.ts";

/** Bytes of a frame with its CRC, low byte first, as others compute it. */
const CRC_FRAMES: Readonly<Record<string, string>> = {
  "Modbus over Serial Line V1.02, 6.2.2": "02 07 41 12",
  "libmodbus 3.1.6, read holding registers": "01 03 00 00 00 0a c5 cd",
  "pymodbus 3.16.1, exception 2": "01 83 02 c0 f1",
};

for (const [what, text] of Object.entries(CRC_FRAMES)) {
  Deno.test(`crc16() is what others compute: ${what}`, () => {
    const bytes = Uint8Array.fromHex(text.replaceAll(" ", ""));
    const [low = 0, high = 0] = bytes.slice(-2);
    assert.equal(crc16(bytes, 0, bytes.length - 2), low | (high << 8));
  });
}

Deno.test("crc16() of nothing is its start value", () => assert.equal(crc16(new Uint8Array()), 0xffff));

Deno.test("crc16() looks at the part it is told to alone", () => {
  assert.equal(crc16(Uint8Array.of(9, 2, 7, 9), 1, 3), 0x1241);
});

const LRC_FRAMES: Readonly<Record<string, { bytes: string; check: number }>> = {
  "pymodbus 3.16.1, read holding registers": { bytes: "f7031389000a", check: 0x60 },
  "a sum that is 0": { bytes: "0000", check: 0 },
  "a sum beyond a byte": { bytes: "ffff", check: 2 },
};

for (const [what, { bytes, check }] of Object.entries(LRC_FRAMES)) {
  Deno.test(`lrc() is what others compute: ${what}`, () => assert.equal(lrc(Uint8Array.fromHex(bytes)), check));
}
