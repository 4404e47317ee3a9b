import { ALERT_NAMES } from "../core/alert.ts";
import { METRIC_LABELS } from "../core/metric_labels.ts";
import { ExpressionError, isCondition, namesIn, parseExpression } from "../lib/expression.ts";
import { nearest } from "../lib/nearest.ts";

/** Names of metrics that only grow. */
const COUNTED = /_(total|count|sum)$/;

/** Why this cannot be a condition; undefined when it can. */
export function conditionFault(text: string): string | undefined {
  try {
    const expression = parseExpression(text);
    if (!isCondition(expression)) return "must compare something, as in queue_depth > 1000";
    const names = namesIn(expression);
    return names.map(({ of: { name } }) => nameFault(name)).find((fault) => fault !== undefined) ??
      labelFault(names) ?? changeFault(names) ?? mixtureFault(names.map(({ of }) => of.name));
  } catch (error) {
    if (error instanceof ExpressionError) return `cannot be understood: ${error.message}`;
    throw error;
  }
}

function nameFault(name: string): string | undefined {
  if (Object.hasOwn(ALERT_NAMES, name) || isMetric(name)) return undefined;
  const meant = nearest(name, [...Object.keys(ALERT_NAMES), ...Object.keys(METRIC_LABELS)]);
  return `names ${name}, which is not known${meant === undefined ? "" : ` (${meant}?)`}: there are ${
    Object.keys(ALERT_NAMES).join(", ")
  }, and the metrics by their names, of a histogram its _sum and _count`;
}

/** A label that chooses nothing would make a rule that never fires. */
function labelFault(names: ReturnType<typeof namesIn>): string | undefined {
  for (const { of: { name, labels } } of names) {
    const known = labelsOf(name);
    const wrong = Object.keys(labels).find((label) => !known.includes(label));
    if (wrong === undefined) continue;
    const has = known.length === 0 ? "no labels" : known.length === 1 ? `${known[0]} alone` : known.join(", ");
    return `chooses among ${name} by ${wrong}: it has ${has}`;
  }
  return undefined;
}

function labelsOf(name: string): readonly string[] {
  const kind = ALERT_NAMES[name]?.of;
  if (kind === undefined) return METRIC_LABELS[name] ?? [];
  return kind === "connector" ? [] : [kind];
}

function isMetric(name: string): boolean {
  return Object.hasOwn(METRIC_LABELS, name);
}

function changeFault(names: ReturnType<typeof namesIn>): string | undefined {
  const wrong = names.find(({ of: { name }, isChange }) => isChange && !(isMetric(name) && COUNTED.test(name)));
  return wrong &&
    `asks how ${wrong.of.name} changes: rate() and increase() are for metrics that end in _total, _count or _sum`;
}

/** An alert is about one thing. */
function mixtureFault(names: readonly string[]): string | undefined {
  const kinds = new Set(names.map((name) => ALERT_NAMES[name]?.of ?? "connector").filter((of) => of !== "connector"));
  return kinds.size > 1 ? `mixes names of each ${[...kinds].join(" and each ")}: write a rule for each` : undefined;
}
