import { type Metric, readMetric } from "./payload.ts";
import { type MetricProperties, readProperties } from "./properties.ts";
import type { Room } from "./room.ts";
import { UnreadableValue } from "./unreadable.ts";
import { WireFields } from "./wire.ts";

/** Templates within each other. */
const MAX_DEPTH = 16;

const NOTHING_SAID: MetricProperties = {};

/** A metric that is no template, with the name that it has within those around it. */
export interface Member {
  /** Where the metric gives no name and has its alias alone: undefined. */
  readonly name: string | undefined;
  readonly metric: Metric;
  /** Its properties, or those of the template around it. */
  readonly said: MetricProperties;
}

/** Where a metric stands: its name with those around it, and what they say. */
interface Within {
  readonly name: string | undefined;
  readonly said: MetricProperties;
  readonly depth: number;
}

/**
 * The metrics that a metric stands for: itself, or the members of its template (Sparkplug 3.0, 6.4.13), named
 * `instance/member`. A definition stands for none: it has types and no values.
 * @throws {UnreadableValue} where templates are too deep or have too many members @throws {MalformedPayload}
 */
export function membersOf(metric: Metric, name: string | undefined, room: Room): Member[] {
  const members: Member[] = [];
  gather(metric, { name, said: NOTHING_SAID, depth: 0 }, (member) => members.push(member), room);
  return members;
}

function gather(metric: Metric, within: Within, take: (member: Member) => void, room: Room): void {
  const { name, depth } = within;
  if (metric.value.kind !== "template") {
    take({ name, metric, said: saidBy(metric, within) });
    return;
  }
  if (depth >= MAX_DEPTH) throw new UnreadableValue(`templates more than ${MAX_DEPTH} deep`);
  const { isDefinition, members } = readTemplate(metric.value.bytes, room);
  if (isDefinition) return;
  const said = saidBy(metric, within); // once, and not for each member
  for (const member of members) {
    const inner = name === undefined || member.name === undefined ? undefined : `${name}/${member.name}`;
    gather(inheriting(member, metric), { name: inner, said, depth: depth + 1 }, take, room);
  }
}

function saidBy({ properties }: Metric, within: Within): MetricProperties {
  return properties ? readProperties(properties) : within.said;
}

/** What the template says of itself holds for members that do not say it; of properties, see `saidBy`. */
function inheriting(member: Metric, template: Metric): Metric {
  return {
    ...member,
    timestampMs: member.timestampMs ?? template.timestampMs,
    isHistorical: member.isHistorical || template.isHistorical,
    isTransient: member.isTransient || template.isTransient,
  };
}

function readTemplate(bytes: Uint8Array, room: Room): { isDefinition: boolean; members: Metric[] } {
  const members: Metric[] = [];
  let isDefinition = false;
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number === 2) {
      room.takeMember();
      members.push(readMetric(field.value()));
    } else if (field.number === 5) isDefinition = field.bool();
  }
  return { isDefinition, members };
}
