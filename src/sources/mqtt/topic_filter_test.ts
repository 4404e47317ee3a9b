import assert from "node:assert/strict";
import { levelsOf, matchesTopic, topicFilterFault } from "./topic_filter.ts";

const MATCHES: readonly [filter: string, topic: string, isMatch: boolean][] = [
  ["a/b", "a/b", true],
  ["a/b", "a/b/c", false],
  ["a/#", "a", true],
  ["a/#", "a/b/c", true],
  ["a/+/c", "a/b/c", true],
  ["a/+/c", "a/b/d/c", false],
  ["a/+", "a", false],
  ["+", "/a", false],
  ["+/a", "/a", true],
  ["#", "$SYS/broker", false],
  ["+/broker", "$SYS/broker", false],
  ["$SYS/#", "$SYS/broker", true],
  ["$share/group/a/#", "a/b", true],
];

for (const [filter, topic, isMatch] of MATCHES) {
  Deno.test(`matchesTopic() says ${isMatch} for ${filter} and ${topic}`, () => {
    assert.equal(matchesTopic(levelsOf(filter), topic.split("/")), isMatch);
  });
}

for (const filter of ["", "a/#/b", "a#", "a/b+", "$share/group", "$share/+/a", "$share/g/", "a\0"]) {
  Deno.test(`topicFilterFault() finds fault with ${JSON.stringify(filter)}`, () => {
    assert.notEqual(topicFilterFault(filter), undefined);
  });
}

for (const filter of ["a", "/", "#", "+/+", "a/+/#", "$share/group/+/x", "$SYS/#"]) {
  Deno.test(`topicFilterFault() finds none with ${filter}`, () => assert.equal(topicFilterFault(filter), undefined));
}
