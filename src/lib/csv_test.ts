import assert from "node:assert/strict";
import fc from "fast-check";
import { csvLine, parseCsv } from "./csv.ts";

const texts = (text: string) => parseCsv(text).rows.map(({ cells }) => cells.map((cell) => cell.text));

for (
  const { name, text, rows } of [
    { name: "commas", text: "a,b\n1,2\n", rows: [["a", "b"], ["1", "2"]] },
    {
      name: "semicolons, as spreadsheets of many countries write them",
      text: "a;b\r\n1,5;2\r\n",
      rows: [["a", "b"], ["1,5", "2"]],
    },
    { name: "tabs, as they are copied out of a spreadsheet", text: "a\tb\n1\t2", rows: [["a", "b"], ["1", "2"]] },
    { name: "a byte order mark", text: "\uFEFFa,b", rows: [["a", "b"]] },
    {
      name: "quotes, with separators, quotes and lines in them",
      text: 'a,b\n"x,""y""\nz",2',
      rows: [["a", "b"], ['x,"y"\nz', "2"]],
    },
    { name: "empty cells at the end, and empty lines", text: "a,b,\n\n,,\n1,,", rows: [["a", "b", ""], ["1", "", ""]] },
    { name: "an old Macintosh's line ends", text: "a,b\r1,2\r", rows: [["a", "b"], ["1", "2"]] },
    {
      name: "a quote within a cell that has none around it",
      text: 'a,b\n5" pipe,1',
      rows: [["a", "b"], ['5" pipe', "1"]],
    },
    {
      name: "empty lines before the first, which say nothing of the separator",
      text: "\n\r\na,b\n1,2",
      rows: [["a", "b"], ["1", "2"]],
    },
    { name: "nothing", text: "", rows: [] },
  ]
) {
  Deno.test(`parseCsv() reads ${name}`, () => assert.deepEqual(texts(text), rows));
}

Deno.test("parseCsv() says on which line and column each cell is, behind cells of several lines too", () => {
  const { rows } = parseCsv('a,b\n"x\ny",2\n3,4');
  assert.deepEqual(rows.map(({ line, cells }) => [line, cells.map(({ column }) => column)]), [
    [1, [1, 3]],
    [2, [1, 4]],
    [4, [1, 3]],
  ]);
});

Deno.test("parseCsv() says where quotes are wrong", () => {
  assert.deepEqual(parseCsv('a,b\n1,"2').fault, {
    line: 2,
    column: 3,
    message: "a cell begins with a quote that nothing ends",
  });
  const { fault, rows } = parseCsv('a,b\n"1"x,2');
  assert.deepEqual([fault?.line, fault?.column, rows.length], [2, 4, 1]);
});

Deno.test("parseCsv() reads back whatever csvLine() writes", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", ";", "\n", "\r", " ", "\t", "é"), maxLength: 6 });
  const row = fc.array(cell, { minLength: 2, maxLength: 4 }).filter((cells) =>
    cells.some((text) => text.trim() !== "")
  );
  fc.assert(fc.property(fc.array(row, { maxLength: 5 }), fc.constantFrom(",", ";"), (rows, separator) => {
    const text = csvLine(["x", "y"], separator) + rows.map((cells) => csvLine(cells, separator)).join("");
    assert.deepEqual(texts(text), [["x", "y"], ...rows]);
  }));
});

Deno.test("parseCsv() reads 50,000 lines", () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `register_${n},${n},float32,"degC"`).join("\n");
  assert.equal(parseCsv(`name,address,data_type,unit\n${lines}`).rows.length, 50_001);
});

for (
  const [name, text, message, line] of [
    ["a first line of two million cells", "a,".repeat(2_000_000), "a row may have 200 cells", 1],
    ["a later row of many cells", `a,b\n1,2\n${",".repeat(201)}x\n`, "a row may have 200 cells", 3],
    ["more rows than anybody reads", "a\n".repeat(100_000), "a file may have 60000 rows", 60_002],
    ["more cells than fit the memory", `${"a,".repeat(150)}\n`.repeat(50_000), "a file may have 1000000 cells", 6_624],
  ] as const
) {
  Deno.test(`parseCsv() stops at ${name}, and says where`, () => {
    const { rows, fault } = parseCsv(text);
    assert.deepEqual([fault?.message, fault?.line], [message, line]);
    assert.ok(rows.reduce((sum, { cells }) => sum + cells.length, 0) <= 1_000_200);
  });
}
