import assert from "node:assert/strict";
import type { Encoding, Order, Padding } from "./data_type.ts";
import { scaleOf } from "./scale.ts";
import { textOf } from "./text.ts";

interface Written {
  readonly byteOrder?: Order;
  readonly encoding?: Encoding;
  readonly padding?: Padding;
}

const STRINGS: readonly [what: string, hex: string, written: Written, text: string][] = [
  ["text of full length", "50 75 6d 70", {}, "Pump"],
  ["swapped bytes", "75 50 70 6d", { byteOrder: "little" }, "Pump"],
  ["up to the first NUL", "50 75 00 41", {}, "Pu"],
  ["trailing spaces as they are", "50 75 20 20", {}, "Pu  "],
  ["no trailing spaces where they are padding", "20 75 20 20", { padding: "space" }, " u"],
  ["spaces before the NUL that ends it", "50 20 00 20", { padding: "space" }, "P"],
  ["nothing", "00 00 00 00", {}, ""],
  ["UTF-8", "c2 b0 43 00", {}, "°C"],
  ["Latin-1 where it is not UTF-8", "b0 43 00 00", {}, "°C"],
  ["UTF-8 and nothing else", "b0 43 00 00", { encoding: "utf-8" }, "\ufffdC"],
  ["Latin-1 although it is UTF-8", "c2 b0 43 00", { encoding: "latin-1" }, "Â°C"],
  ["a control character of Latin-1", "80 43 00 00", { encoding: "latin-1" }, "\x80C"],
  ["windows-1252", "80 43 00 00", { encoding: "windows-1252" }, "€C"],
  ["windows-1251", "cd e0 f1 ee f1 00", { encoding: "windows-1251" }, "Насос"],
  ["Shift JIS", "83 7c 83 93 83 76", { encoding: "shift_jis" }, "ポンプ"],
  ["GB 18030", "b1 c3 00 00", { encoding: "gb18030" }, "泵"],
  ["a register per character", "00 50 30 f3 00 00 00 41", { encoding: "utf-16" }, "Pン"],
  ["a register per character, bytes swapped", "50 00 f3 30", { encoding: "utf-16", byteOrder: "little" }, "Pン"],
];

for (const [what, hex, { byteOrder = "big", encoding = "auto", padding = "nul" }, text] of STRINGS) {
  Deno.test(`textOf() reads ${what}`, () => {
    const bytes = Uint8Array.fromHex(hex.replaceAll(" ", ""));
    const format = {
      dataType: "string",
      wordOrder: "big",
      bit: undefined,
      bitCount: 1,
      scale: scaleOf(1, 0),
      noValue: undefined,
    } as const;
    const width = bytes.length / 2;
    assert.equal(textOf(new DataView(bytes.buffer), 0, { ...format, width, byteOrder, encoding, padding }), text);
  });
}
