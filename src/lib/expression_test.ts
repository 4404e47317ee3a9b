import assert from "node:assert/strict";
import fc from "fast-check";
import { evaluate, type Expression, ExpressionError, isCondition, namesIn, parseExpression } from "./expression.ts";

const VALUES: Readonly<Record<string, number>> = { a: 2, b: 3, queue_depth: 9500, max_queue_size: 10_000 };

function valueOf(text: string): number | undefined {
  return evaluate(parseExpression(text), {
    value: ({ name, labels }) => labels.source === undefined ? VALUES[name] : 40,
    change: (_of, per) => per === "second" ? 0.5 : 150,
  });
}

const RESULTS: readonly (readonly [string, number | undefined])[] = [
  ["queue_depth > 0.9 * max_queue_size", 1],
  ["a + b * 2", 8],
  ["(a + b) * 2", 10],
  ["10 - 3 - 2", 5],
  ["12 / 2 / 3", 2],
  ["-a < -1", 1],
  ["- - a", 2],
  ["not a == 2", 0],
  ["not not a == 2", 1],
  ["a == 2 or b == 0 and a == 0", 1],
  ["(a == 2 or b == 0) and a == 0", 0],
  ["a != 2", 0],
  ["5m", 300],
  ["2GB >= 2000MB", 1],
  ["50%", 0.5],
  ["1.5h == 90m", 1],
  ['a{source="press 4", x="y"} == 40', 1],
  ["rate(a)", 0.5],
  ["increase(a) > 100", 1],
  ["a / 0 > 1", undefined],
  ["nothing > 1", undefined],
  ["nothing > 1 or a == 2", 1],
  ["nothing > 1 and a == 0", 0],
  ["nothing > 1 and a == 2", undefined],
];

for (const [text, expected] of RESULTS) {
  Deno.test(`${text} is ${expected ?? "not known"}`, () => assert.equal(valueOf(text), expected));
}

const FAULTS: readonly (readonly [string, RegExp])[] = [
  ["", /its end at 1 where a number or a name/],
  ["a >", /its end at 4/],
  ["a b", /b at 3 where the end/],
  ["2 GB", /GB at 3 where the end/],
  ["1 < a < 3", /compares twice in a row/],
  ["(a", /its end at 3 where \)/],
  ["a = 2", /= at 3 where the end/],
  ["2x > 1", /"x" at 2 is no unit/],
  ["a; drop", /";.*at 2 means nothing/],
  ["eval(a)", /eval\(\) is not known/],
  ["a{source=1}", /1 at 10 where a text/],
  [`${"(".repeat(33)}a${")".repeat(33)}`, /more than 32 levels deep/],
  [`${"-".repeat(40)}1`, /more than 32 levels deep/],
  [Array(302).fill("1").join("+"), /more than 300 words/],
];

for (const [text, fault] of FAULTS) {
  Deno.test(`${text.slice(0, 30)} is refused with its reason`, () => {
    assert.throws(
      () => parseExpression(text),
      (error) => error instanceof ExpressionError && fault.test(error.message),
    );
  });
}

Deno.test("a condition says yes or no; a sum does not", () => {
  const are = ["a > 1", "not a", "a > 1 and b > 1", "a + 1", "a", "rate(a)"].map((text) =>
    isCondition(parseExpression(text))
  );
  assert.deepEqual(are, [true, true, true, false, false, false]);
});

Deno.test("every name is found, with whether its change is asked for", () => {
  const found = namesIn(parseExpression("not (a > 1) or -b > rate(c)"));
  assert.deepEqual(found.map(({ of, isChange }) => [of.name, isChange]), [["a", false], ["b", false], ["c", true]]);
});

Deno.test("no text does more than to be parsed or refused", () => {
  const words = fc.constantFrom(
    "a",
    "rate",
    "(",
    ")",
    "{",
    "}",
    "and",
    "not",
    "-",
    "<",
    "==",
    "1.5",
    "5m",
    '"x"',
    "=",
    ",",
  );
  const texts = fc.oneof(fc.string(), fc.array(words, { maxLength: 40 }).map((each) => each.join(" ")));
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const value = valueOf(text);
        return value === undefined || Number.isFinite(value);
      } catch (error) {
        return error instanceof ExpressionError;
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("what is written out with parentheses is computed as the tree says", () => {
  const leaf = fc.integer({ min: 0, max: 99 }).map((value): Expression => ({ kind: "number", value }));
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.record({
        kind: fc.constant("both" as const),
        sign: fc.constantFrom("+", "-", "*", "<", ">=", "==", "and", "or"),
        left: tie("tree"),
        right: tie("tree"),
      }, { noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(tree, (expression) => {
    assert.deepEqual(parseExpression(written(expression)), expression);
  }));
});

function written(expression: Expression): string {
  if (expression.kind === "number") return String(expression.value);
  if (expression.kind !== "both") throw new Error("the trees here have no others");
  return `(${written(expression.left)} ${expression.sign} ${written(expression.right)})`;
}
