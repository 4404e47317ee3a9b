import { FilterTree } from "./filter_tree.ts";
import { type JsonPath, parseJsonPath, parseRowPath } from "./json_path.ts";
import type { PayloadSettings } from "./payload_settings.ts";
import type { MqttTag } from "./reading.ts";
import type { MqttSettings } from "./settings.ts";
import { levelsOf } from "./topic_filter.ts";

/** Rules kept at most. A broker with more topics than this has them worked out again, which is only slower. */
const MAX_RULES = 100_000;
/** Names kept at most of one topic whose payloads say the name. */
const MAX_NAMES = 10_000;
/** Characters of topics and names kept at most, in all rules together: both are as long as whoever publishes likes. */
const MAX_CHARACTERS = 16_000_000;
/** What a rule or a tag takes beside its texts, roughly, in characters. */
const ENTRY_CHARACTERS = 100;

/** How the payloads of one topic are read. */
export interface TopicRule {
  readonly topic: string;
  readonly settings: PayloadSettings;
  /** Where members are that are a row each; the other paths are then within a `RowScope`. */
  readonly rows: JsonPath | undefined;
  readonly value: JsonPath | undefined;
  readonly timestamp: JsonPath | undefined;
  /** Set where the payload says it; otherwise it is in `tag`. */
  readonly unit: JsonPath | undefined;
  readonly sensorName: JsonPath | undefined;
  readonly sensorType: JsonPath | undefined;
  /** The tag of messages whose payload says none of the three. */
  readonly tag: MqttTag;
  /** Tags by what the payload said. */
  readonly tags: Map<string, MqttTag>;
  /** Makes room for a tag, whose texts have so many characters, where all rules keep too much; `tags` may be empty then. */
  makeRoom(characters: number): void;
}

/** What a payload said about itself. */
export interface SaidByPayload {
  readonly sensorName: string | undefined;
  readonly sensorType: string | undefined;
  readonly unit: string | undefined;
}

/** Finds the rule of a topic: the payload settings of the first filter that matches it. */
export class TopicRules {
  readonly #filters: FilterTree;
  /** By the place of the filter. */
  readonly #settings: readonly PayloadSettings[];
  readonly #labels: readonly Readonly<Record<string, string>>[];
  readonly #fallback: PayloadSettings;
  readonly #onStray: (topic: string) => void;
  readonly #rules = new Map<string, TopicRule>();
  #characters = 0;

  /** `onStray` is told topics that no filter matches, each at least once: an earlier configuration asked for them. */
  constructor({ topics, payload }: MqttSettings, onStray: (topic: string) => void = () => {}) {
    this.#filters = new FilterTree(topics.map(({ topic }) => levelsOf(topic)));
    this.#settings = topics.map((each) => each.payload ?? payload);
    this.#labels = topics.map(({ labels }) => labels);
    this.#fallback = payload;
    this.#onStray = onStray;
  }

  /** Whether messages of some topics are several rows. */
  get hasRows(): boolean {
    return this.#fallback.rows !== null || this.#settings.some(({ rows }) => rows !== null);
  }

  of(topic: string): TopicRule {
    let rule = this.#rules.get(topic);
    if (rule) return rule;
    if (this.#rules.size >= MAX_RULES) this.#forget();
    this.#makeRoom(topic.length);
    rule = this.#make(topic);
    this.#rules.set(topic, rule);
    return rule;
  }

  #makeRoom(characters: number): void {
    const needed = characters + ENTRY_CHARACTERS;
    if (this.#characters + needed > MAX_CHARACTERS) this.#forget();
    this.#characters += needed;
  }

  /** Everything is worked out again, which is only slower. */
  #forget(): void {
    for (const { tags } of this.#rules.values()) tags.clear();
    this.#rules.clear();
    this.#characters = 0;
  }

  #make(topic: string): TopicRule {
    const levels = topic.split("/");
    const filter = this.#filters.firstMatch(levels);
    if (filter === undefined) this.#onStray(topic);
    const settings = filter === undefined ? this.#fallback : this.#settings[filter]!; // a place among them
    const tag = {
      name: topic,
      topic,
      sensorName: fixedText(settings.sensor_name, levels) ?? levels.at(-1) ?? "",
      sensorType: fixedText(settings.sensor_type, levels),
      unit: fixedText(settings.unit, levels),
      labels: filter === undefined ? undefined : this.#labels[filter],
    };
    return {
      topic,
      settings,
      ...pathsOf(settings),
      tag,
      tags: new Map(),
      makeRoom: (characters) => this.#makeRoom(characters),
    };
  }
}

/** The tag of a message of `rule` whose payload said `said`. */
export function tagOf(rule: TopicRule, said: SaidByPayload): MqttTag {
  const key = JSON.stringify([said.sensorName, said.sensorType, said.unit]);
  let tag = rule.tags.get(key);
  if (tag) return tag;
  if (rule.tags.size >= MAX_NAMES) rule.tags.clear();
  rule.makeRoom(rule.topic.length + 2 * key.length); // in the key, and in the tag
  tag = {
    name: said.sensorName === undefined ? rule.topic : `${rule.topic}:${said.sensorName}`,
    topic: rule.topic,
    sensorName: said.sensorName ?? rule.tag.sensorName,
    sensorType: said.sensorType ?? rule.tag.sensorType,
    unit: said.unit ?? rule.tag.unit,
    labels: rule.tag.labels,
  };
  rule.tags.set(key, tag);
  return tag;
}

type Paths = Pick<TopicRule, "rows" | "value" | "timestamp" | "unit" | "sensorName" | "sensorType">;

function pathsOf(settings: PayloadSettings): Paths {
  const hasRows = settings.rows !== null;
  const path = (setting: string | null) =>
    setting === null ? undefined : (hasRows ? parseRowPath : parseJsonPath)(setting);
  return {
    rows: hasRows ? parseJsonPath(settings.rows!) : undefined, // not null
    value: hasRows ? path(settings.value ?? "@") : path(settings.value),
    timestamp: path(settings.timestamp),
    unit: path(settings.unit),
    sensorName: path(settings.sensor_name),
    sensorType: path(settings.sensor_type),
  };
}

/** The setting with levels of the topic filled in; undefined where it is a path or not set. A level that is not there is empty. */
function fixedText(setting: string | null, levels: readonly string[]): string | undefined {
  if (setting === null || parseRowPath(setting) !== undefined) return undefined;
  return setting.replaceAll(/\{topic\[(-?\d+)\]\}/g, (_, index) => levels.at(Number(index)) ?? "");
}
