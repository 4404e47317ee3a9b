import type { AlertRule } from "../core/alert.ts";
import { evaluate, type Expression, type NamedValue, namesIn, parseExpression } from "../lib/expression.ts";
import { Window } from "./windows.ts";

/** What was found at one look. */
export interface AlertValues {
  /** Milliseconds of a clock that never jumps. */
  readonly atMs: number;
  /** By name, then by subject; the subject of the connector as a whole is "". */
  readonly named: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The sum of a metric's series that have these labels. */
  metric(of: NamedValue): number | undefined;
}

/** Holds: the condition; isWell: what ends the alert. Undefined where nobody knows. */
export interface Verdict {
  readonly holds: boolean | undefined;
  readonly isWell: boolean | undefined;
}

/** A rule, ready to be looked at. */
export class RuleView {
  readonly rule: AlertRule;
  readonly #condition: Expression;
  readonly #recovery: Expression | undefined;
  readonly #windows = new Map<string, Window>();

  /** @throws {ExpressionError} for a condition that nobody checked */
  constructor(rule: AlertRule) {
    this.rule = rule;
    this.#condition = parseExpression(rule.condition);
    this.#recovery = rule.recovery === null ? undefined : parseExpression(rule.recovery);
  }

  /** Every name that it speaks of. */
  get names(): readonly NamedValue[] {
    return this.#all.map(({ of }) => of);
  }

  /** What it says of each of its subjects. */
  look(values: AlertValues): ReadonlyMap<string, Verdict> {
    for (const { of, isChange } of this.#all) {
      const value = isChange ? values.metric(of) : undefined;
      if (value !== undefined) this.#window(of).note(values.atMs, value);
    }
    return new Map(this.#subjects(values).map((subject) => [subject, this.#verdict(values, subject)]));
  }

  get #all(): ReturnType<typeof namesIn> {
    return [...namesIn(this.#condition), ...(this.#recovery ? namesIn(this.#recovery) : [])];
  }

  #verdict(values: AlertValues, subject: string): Verdict {
    const known = {
      value: (of: NamedValue) => this.#valueOf(of, values, subject),
      change: (of: NamedValue, per: "second" | "window") => this.#window(of).change(per),
    };
    const holds = asAnswer(evaluate(this.#condition, known));
    const isWell = this.#recovery
      ? asAnswer(evaluate(this.#recovery, known))
      : holds === undefined
      ? undefined
      : !holds;
    return { holds, isWell };
  }

  #valueOf(of: NamedValue, { named, metric }: AlertValues, subject: string): number | undefined {
    const known = named.get(of.name);
    if (!known) return metric(of);
    const chosen = Object.values(of.labels)[0];
    if (chosen !== undefined && subject !== chosen && subject !== "") return undefined;
    return known.get(chosen ?? subject) ?? known.get("");
  }

  /** Those that any of its names has a value for; a rule that names one of them by a label is about that one. */
  #subjects({ named }: AlertValues): string[] {
    const subjects = new Set<string>();
    let isOfMany = false;
    for (const { name, labels } of this.names) {
      const known = named.get(name);
      if (!known || known.has("")) continue;
      isOfMany = true;
      const chosen = Object.values(labels)[0];
      for (const subject of known.keys()) if (chosen === undefined || chosen === subject) subjects.add(subject);
    }
    return isOfMany ? [...subjects] : [""];
  }

  #window(of: NamedValue): Window {
    const key = JSON.stringify(of);
    const window = this.#windows.get(key) ?? new Window(this.rule.windowSeconds);
    this.#windows.set(key, window);
    return window;
  }
}

function asAnswer(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value !== 0;
}
