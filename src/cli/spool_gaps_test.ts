import assert from "node:assert/strict";
import { type RunningHome, runningHome } from "../../tests/fakes/running_home.ts";

async function homeWithGaps(): Promise<RunningHome> {
  const home = await runningHome();
  const dropped = { firstSeq: 5, lastSeq: 9, reason: "dropped", timeUs: 1_700_000_500_000_000 };
  home.tools.ranges = [
    { table: "main.bronze.meter", ...dropped },
    { table: "main.br'onze\u001b.meter", ...dropped, firstSeq: 7, lastSeq: 7, reason: "dead_letter" },
  ];
  return home;
}

Deno.test("spool gaps lists the numbers that will not arrive, with the reason", async () => {
  await using home = await homeWithGaps();
  const { code, out, err } = await home.run(["spool", "gaps"]);
  assert.deepEqual([code, err], [0, ""]);
  const lines = out.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(lines, [
    ["first seq", "last seq", "numbers", "reason, table, noted at"],
    ["5", "9", "5", "dropped, main.bronze.meter, 2023-11-14T22:21:40.000Z"],
    ["7", "7", "1", "dead_letter, main.br'onze\ufffd.meter, 2023-11-14T22:21:40.000Z"],
  ]);
});

Deno.test("spool gaps --json prints an object per range", async () => {
  await using home = await homeWithGaps();
  const { out } = await home.run(["spool", "gaps", "--json"]);
  assert.deepEqual(JSON.parse(out.split("\n")[0] ?? ""), {
    table: "main.bronze.meter",
    first_seq: 5,
    last_seq: 9,
    reason: "dropped",
    time: "2023-11-14T22:21:40.000Z",
  });
});

Deno.test("spool gaps --sql prints a list of values that begins with a row that stands for nothing", async () => {
  await using home = await homeWithGaps();
  const { out } = await home.run(["spool", "gaps", "--sql"]);
  const edgeId = JSON.parse(await Deno.readTextFile(`${home.home}/identity.json`)).edge_id;
  assert.equal(
    out,
    `VALUES
  ('', '', 0, 0, 0),
  ('main.bronze.meter', '${edgeId}', 1699999940, 5, 9) /* dropped */,
  ('main.br\\'onze\ufffd.meter', '${edgeId}', 1699999940, 7, 7) /* dead_letter */
`,
  );
  home.tools.ranges = [];
  assert.equal((await home.run(["spool", "gaps", "--sql"])).out, "VALUES\n  ('', '', 0, 0, 0)\n");
});

Deno.test("spool gaps takes one form at a time", async () => {
  await using home = await homeWithGaps();
  const { code, err } = await home.run(["spool", "gaps", "--sql", "--json"]);
  assert.deepEqual([code, err], [64, "Name one of --json and --sql.\n"]);
});

const DAMAGED: readonly (readonly [what: string, range: Record<string, unknown>])[] = [
  ["a text in the place of its first number", { firstSeq: "0) /* \u001b[2J" }],
  ["a text in the place of its last number", { lastSeq: "9), ('x', 'y', 0, 1, 2" }],
  ["a number that is not whole", { lastSeq: 9.5 }],
  ["a number that is not exact", { lastSeq: 2 ** 60 }],
  ["a number that is none", { firstSeq: NaN }],
];

for (const [what, range] of DAMAGED) {
  Deno.test(`spool gaps leaves out and counts a range with ${what}, in every form`, async () => {
    await using home = await homeWithGaps();
    const [first, second] = home.tools.ranges;
    assert.ok(first && second);
    for (const form of [[], ["--json"], ["--sql"]]) {
      home.tools.ranges = [first];
      const wanted = await home.run(["spool", "gaps", ...form]);
      home.tools.ranges = [first, { ...second, ...range }];
      const { code, out, err } = await home.run(["spool", "gaps", ...form]);
      assert.deepEqual([code, out], [1, wanted.out]);
      assert.match(err, /^left out, for their records are damaged: 1\. [^\n]+\n$/);
    }
  });
}

Deno.test("spool gaps shows reasons that there are, and times that are some, in every form", async () => {
  await using home = await homeWithGaps();
  const [first] = home.tools.ranges;
  assert.ok(first);
  const timeUs: unknown = "\u001b[2J";
  home.tools.ranges = [{ ...first, reason: "*/ DROP TABLE a \u202e --", timeUs: timeUs as number }]; // as a damaged record
  for (const form of [[], ["--json"], ["--sql"]]) {
    const { code, out } = await home.run(["spool", "gaps", ...form]);
    assert.equal(code, 0);
    assert.match(out, /other/);
    for (const part of ["DROP", "\u001b", "\u202e", "2J"]) assert.ok(!out.includes(part), out);
  }
});
