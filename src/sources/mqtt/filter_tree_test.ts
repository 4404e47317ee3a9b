import assert from "node:assert/strict";
import fc from "fast-check";
import { FilterTree } from "./filter_tree.ts";
import { matchesTopic } from "./topic_filter.ts";

const split = (texts: readonly string[]) => texts.map((text) => text.split("/"));

const level = fc.constantFrom("a", "b", "$x", "");
const filterLevels = fc.tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 4 }), fc.boolean())
  .map(([levels, hasRest]) => hasRest || levels.length === 0 ? [...levels, "#"] : levels);
const topicLevels = fc.array(level, { minLength: 1, maxLength: 5 });

Deno.test("FilterTree finds the first filter that matches, as a look at each of them would", () => {
  fc.assert(fc.property(fc.array(filterLevels), topicLevels, (filters, topic) => {
    const first = filters.findIndex((filter) => matchesTopic(filter, topic));
    assert.equal(new FilterTree(filters).firstMatch(topic), first < 0 ? undefined : first);
  }));
});

Deno.test("FilterTree says of no filter that another covers it when a topic matches the one and not the other", () => {
  fc.assert(
    fc.property(filterLevels, filterLevels, topicLevels, (wide, narrow, topic) => {
      const isCovered = new FilterTree([wide]).covering(narrow).length > 0;
      assert.ok(!isCovered || !matchesTopic(narrow, topic) || matchesTopic(wide, topic), `${wide} ${narrow} ${topic}`);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("FilterTree names the filters that cover another", () => {
  const filters = split(["#", "plant/#", "plant/+", "plant/oven", "plant/+/t", "$SYS/#"]);
  const tree = new FilterTree(filters);
  const covering = (filter: string) => tree.covering(filter.split("/")).sort();
  assert.deepEqual(covering("plant/oven"), [0, 1, 2, 3]);
  assert.deepEqual(covering("plant/+"), [0, 1, 2]);
  assert.deepEqual(covering("plant/#"), [0, 1]);
  assert.deepEqual(covering("plant"), [0, 1]);
  assert.deepEqual(covering("$SYS/uptime"), [5]);
});

Deno.test("FilterTree finds its way among 10,000 filters with as few looks as among 100", () => {
  const looksAmong = (count: number) => {
    const tree = new FilterTree(Array.from({ length: count }, (_, i) => ["plant", `${i}`, "+", "#"]));
    const topic = watched(["plant", `${count - 1}`, "oven", "t"]);
    assert.equal(tree.firstMatch(topic.levels), count - 1);
    return topic.looks();
  };
  assert.equal(looksAmong(10_000), looksAmong(100));
});

/** Levels that count how often one of them is looked at. */
function watched(levels: readonly string[]): { readonly levels: readonly string[]; looks(): number } {
  let looks = 0;
  const get = (target: readonly string[], key: string | symbol) => {
    looks++;
    return Reflect.get(target, key);
  };
  return { levels: new Proxy(levels, { get }), looks: () => looks };
}
