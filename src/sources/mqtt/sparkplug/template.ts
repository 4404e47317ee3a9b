import { type Metric, readMetric } from "./payload.ts";
import { UnreadableValue } from "./unreadable.ts";
import { WireFields } from "./wire.ts";

/** Templates within each other. */
const MAX_DEPTH = 16;

/** A metric that is no template, with the name that it has within those around it. */
export interface Member {
  /** Where the metric gives no name and has its alias alone: undefined. */
  readonly name: string | undefined;
  readonly metric: Metric;
}

/**
 * The metrics that a metric stands for: itself, or the members of its template (Sparkplug 3.0, 6.4.13), named
 * `instance/member`. A definition stands for none: it has types and no values.
 * @throws {UnreadableValue} where templates are too deep @throws {MalformedPayload}
 */
export function membersOf(metric: Metric, name: string | undefined, depth = 0): Member[] {
  if (metric.value.kind !== "template") return [{ name, metric }];
  if (depth >= MAX_DEPTH) throw new UnreadableValue(`templates more than ${MAX_DEPTH} deep`);
  const { isDefinition, members } = readTemplate(metric.value.bytes);
  if (isDefinition) return [];
  return members.flatMap((member) => {
    const inner = name === undefined || member.name === undefined ? undefined : `${name}/${member.name}`;
    return membersOf(inheriting(member, metric), inner, depth + 1);
  });
}

/** What the template says of itself holds for members that do not say it. */
function inheriting(member: Metric, template: Metric): Metric {
  return {
    ...member,
    timestampMs: member.timestampMs ?? template.timestampMs,
    isHistorical: member.isHistorical || template.isHistorical,
    isTransient: member.isTransient || template.isTransient,
    properties: member.properties ?? template.properties,
  };
}

function readTemplate(bytes: Uint8Array): { isDefinition: boolean; members: Metric[] } {
  const members: Metric[] = [];
  let isDefinition = false;
  const field = new WireFields(bytes);
  while (field.next()) {
    if (field.number === 2) members.push(readMetric(field.value()));
    else if (field.number === 5) isDefinition = field.bool();
  }
  return { isDefinition, members };
}
