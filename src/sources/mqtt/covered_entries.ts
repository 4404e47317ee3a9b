import type { Unsupported } from "../../core/source.ts";
import { FilterTree } from "./filter_tree.ts";
import type { MqttSettings, TopicSettings } from "./settings.ts";
import { isShared, levelsOf } from "./topic_filter.ts";

/** An entry of `topics`, and one whose filter matches all that its filter matches. */
interface Covered {
  readonly index: number;
  readonly entry: TopicSettings;
  readonly byIndex: number;
  readonly by: TopicSettings;
}

/** Entries that never say how a payload is read, because an earlier one matches all of their topics. */
export function withoutEffect(settings: MqttSettings): readonly Unsupported[] {
  const without = coveredIn(settings)
    .filter(({ index, byIndex, entry, by }) => byIndex < index && !isReadAlike(settings, entry, by));
  return firstOfEach(without).map(({ index, entry, byIndex, by }) => ({
    path: ["mqtt", "topics", index, "topic"],
    message:
      `payload and labels of ${entry.topic} have no effect: topics[${byIndex}] (${by.topic}) matches all of it, ` +
      "and the first entry that matches counts: put the narrower one first",
  }));
}

/** Entries of which some brokers send each message twice: a wider filter stands beside them with less quality. */
export function sentTwice(settings: MqttSettings): readonly Unsupported[] {
  const twice = coveredIn(settings)
    .filter(({ entry, by }) => by.qos < entry.qos && !isShared(entry.topic) && !isShared(by.topic));
  return firstOfEach(twice).map(({ index, entry, byIndex, by }) => ({
    path: ["mqtt", "topics", index, "qos"],
    message:
      `some brokers send messages of ${entry.topic} twice, because topics[${byIndex}] (${by.topic}) has a lower ` +
      `qos and matches them too: two rows each; set qos: ${entry.qos} there too`,
  }));
}

function coveredIn({ topics }: MqttSettings): Covered[] {
  const tree = new FilterTree(topics.map(({ topic }) => levelsOf(topic)));
  return topics.flatMap((entry, index) =>
    tree.covering(levelsOf(entry.topic))
      .filter((byIndex) => byIndex !== index)
      .map((byIndex) => ({ index, entry, byIndex, by: topics[byIndex]! })) // a place among them
  );
}

function isReadAlike({ payload }: MqttSettings, a: TopicSettings, b: TopicSettings): boolean {
  const text = (entry: TopicSettings) =>
    JSON.stringify([entry.payload ?? payload, Object.entries(entry.labels).sort()]);
  return text(a) === text(b);
}

function firstOfEach(covered: readonly Covered[]): readonly Covered[] {
  return [...Map.groupBy(covered, ({ index }) => index).values()].map(([first]) => first!); // no group is empty
}
