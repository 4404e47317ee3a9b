import assert from "node:assert/strict";
import { printable, printableJson, printableLines } from "./printable.ts";

const STEERING = [
  "\x1b]0;title\x07",
  "\x9b2J",
  "\u202Egnp.exe",
  "\u2066",
  "\u200F",
  "\u061C",
  "\u2028",
  "\u2029",
  "\r",
];

for (const text of STEERING) {
  Deno.test(`printable() lets nothing of ${JSON.stringify(text)} steer a terminal`, () => {
    const first = text[0] ?? "";
    assert.equal(printable(`a${text}`).includes(first), false);
    assert.equal(printableLines(`a\nb${text}`).includes(first), false);
    assert.equal(printableJson({ [text]: text }).includes(first), false);
    assert.deepEqual(JSON.parse(printableJson({ [text]: text })), { [text]: text });
  });
}

Deno.test("printable() leaves letters of all scripts as they are, and printableLines() the lines", () => {
  const text = "Ofen 3 °C – печь – 炉 – فرن 🙂";
  assert.equal(printable(text), text);
  assert.equal(printableLines(`${text}\n${text}\n`), `${text}\n${text}\n`);
  assert.equal(printable("a\nb"), "a\ufffdb");
});
