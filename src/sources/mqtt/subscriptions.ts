import type { Logger } from "../../core/logger.ts";
import { FilterMemory, type FilterMemoryOptions } from "./filter_memory.ts";
import { FilterTree } from "./filter_tree.ts";
import type { MqttSession, Subscription } from "./session.ts";
import { isShared, levelsOf } from "./topic_filter.ts";

export interface SubscriptionsOptions extends FilterMemoryOptions {
  readonly session: Pick<MqttSession, "subscribe" | "unsubscribe">;
  readonly log: Logger;
}

/**
 * Makes the broker's session have the subscriptions of the configuration, no others: what an earlier configuration
 * subscribed to stays with a session that the broker keeps until it is unsubscribed. What that was is kept in the
 * source's memory.
 *
 * @param topics those of the configuration and our own
 * @throws {ConfigError} {@link MqttSession.subscribe} @throws {ConnectionError} the session is lost meanwhile
 */
export async function subscribeTo(topics: readonly Subscription[], options: SubscriptionsOptions): Promise<void> {
  const { session, log } = options;
  const memory = new FilterMemory(options);
  const wanted = withoutCovered(topics);
  const filters = new Set(wanted.map(({ topic }) => topic));
  const gone = memory.outdated(filters);
  // Before the first is subscribed: a stop in the middle must not forget any of them.
  memory.begin(filters);
  const granted = await session.subscribe(wanted);
  // Only now: no message is to fall between a filter that is gone and a wider one that takes its place.
  if (gone.length > 0) await unsubscribe(gone, options);
  memory.end(filters);
  for (const [i, { topic, qos }] of wanted.entries()) warnIfLess(log, { topic, asked: qos, granted: granted[i] });
}

/**
 * The topics without those that another one covers with the same quality of service or a higher one: a broker may send a
 * message once for each filter that matches it (MQTT 5, 3.3.4), and the payload is read as the first entry says all the
 * same.
 */
export function withoutCovered(topics: readonly Subscription[]): Subscription[] {
  const plain = topics.filter(({ topic }) => !isShared(topic));
  const tree = new FilterTree(plain.map(({ topic }) => levelsOf(topic)));
  const isCovered = ({ topic, qos }: Subscription) =>
    tree.covering(levelsOf(topic)).some((i) => plain[i]!.topic !== topic && plain[i]!.qos >= qos); // places in `plain`
  return topics.filter((each) => isShared(each.topic) || !isCovered(each));
}

async function unsubscribe(gone: readonly string[], { session, log }: SubscriptionsOptions): Promise<void> {
  await session.unsubscribe(gone);
  const message = `Unsubscribed from ${gone.length} topics of an earlier configuration`;
  log.log("info", message, { topics: gone.slice(0, 10).join(", ") });
}

interface Grant {
  readonly topic: string;
  readonly asked: number;
  readonly granted: number | undefined;
}

function warnIfLess(log: Logger, { topic, asked, granted }: Grant): void {
  if (granted === undefined || granted >= asked) return;
  log.log("warn", `The broker grants only QoS ${granted} for ${topic}`, { topic, asked, granted });
}
