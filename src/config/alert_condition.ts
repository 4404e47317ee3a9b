import { ALERT_NAMES, METRIC_NAME } from "../core/alert.ts";
import { ExpressionError, isCondition, namesIn, parseExpression } from "../lib/expression.ts";

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
  if (Object.hasOwn(ALERT_NAMES, name) || METRIC_NAME.test(name)) return undefined;
  return `names ${name}, which is not known: there are ${
    Object.keys(ALERT_NAMES).join(", ")
  }, and the metrics by their names`;
}

/** A label that chooses nothing would make a rule that never fires. Those of metrics are as many as metrics have. */
function labelFault(names: ReturnType<typeof namesIn>): string | undefined {
  for (const { of: { name, labels } } of names) {
    const kind = ALERT_NAMES[name]?.of;
    const wrong = kind && Object.keys(labels).find((label) => kind === "connector" || label !== kind);
    if (wrong) {
      return `chooses among ${name} by ${wrong}: it has ${kind === "connector" ? "no labels" : `${kind} alone`}`;
    }
  }
  return undefined;
}

function changeFault(names: ReturnType<typeof namesIn>): string | undefined {
  const wrong = names.find(({ of: { name }, isChange }) => isChange && !(METRIC_NAME.test(name) && COUNTED.test(name)));
  return wrong &&
    `asks how ${wrong.of.name} changes: rate() and increase() are for metrics that end in _total, _count or _sum`;
}

/** An alert is about one thing. */
function mixtureFault(names: readonly string[]): string | undefined {
  const kinds = new Set(names.map((name) => ALERT_NAMES[name]?.of ?? "connector").filter((of) => of !== "connector"));
  return kinds.size > 1 ? `mixes names of each ${[...kinds].join(" and each ")}: write a rule for each` : undefined;
}
