import assert from "node:assert/strict";
import { encodeRs485 } from "./rs485.ts";
import { encodeTermios, readTermios } from "./termios.ts";
import type { CharacterFormat } from "./timing.ts";

/** c_cflag as `stty --file` and strace show it for these lines. */
const FLAGS: readonly { format: CharacterFormat; iflag: number; cflag: number }[] = [
  { format: { baudrate: 9600, bytesize: 8, parity: "N", stopbits: 1 }, iflag: 0, cflag: 0o14260 },
  { format: { baudrate: 19_200, bytesize: 8, parity: "E", stopbits: 1 }, iflag: 0o20, cflag: 0o14660 },
  { format: { baudrate: 19_200, bytesize: 7, parity: "O", stopbits: 2 }, iflag: 0o20, cflag: 0o15740 },
];

for (const { format, iflag, cflag } of FLAGS) {
  const { bytesize, parity, stopbits } = format;
  Deno.test(`encodeTermios() sets ${bytesize}${parity}${stopbits}`, () => {
    const termios = encodeTermios(format);
    const view = new DataView(termios.buffer);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(8, true)], [iflag, cflag]);
    assert.deepEqual([view.getUint32(4, true), view.getUint32(12, true)], [0, 0]);
    assert.equal(termios.indexOf(1, 17) - 17, 6, "VMIN");
    assert.deepEqual(readTermios(termios), { speed: format.baudrate, format: `${bytesize}${parity}${stopbits}` });
  });
}

Deno.test("encodeRs485() sets the level of RTS and both delays", () => {
  const words = (level: "high" | "low") =>
    new Uint32Array(
      encodeRs485({ rts_on_send: level, delay_before_send_ms: 2, delay_after_send_ms: 300 }).buffer,
    );
  assert.deepEqual([...words("high")], [3, 2, 300, 0, 0, 0, 0, 0]);
  assert.deepEqual([...words("low")], [5, 2, 300, 0, 0, 0, 0, 0]);
});
