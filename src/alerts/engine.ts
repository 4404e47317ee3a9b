/** Looks at the rules again and again, and keeps how their alerts stand. */
import { createHash } from "node:crypto";
import type { ActiveAlert, AlertChange, AlertEvent, AlertRule } from "../core/alert.ts";
import type { NamedValue } from "../lib/expression.ts";
import { type AlertValues, RuleView } from "./rule_view.ts";
import { end, isOver, isSilenced, newStanding, shownAlert, type Standing, turn } from "./standing.ts";
import type { AlertFile } from "./alert_file.ts";

/** Alerts that stand at a time; a rule for each of 10,000 sources must not fill the memory. Less severe ones make way. */
const MAX_ALERTS = 500;
const MAX_HISTORY = 500;

export interface EngineOptions {
  readonly rules: readonly AlertRule[];
  readonly clock: { nowUs(): number };
  readonly file: AlertFile;
  /** Called for every alert that fires or ends, unless it is silenced. */
  readonly tell: (event: AlertEvent, rule: AlertRule) => void;
  /** Called once when there are more alerts than are kept, and again after there were fewer meanwhile. */
  readonly onFull: (kept: number) => void;
}

export class AlertEngine {
  readonly #options: EngineOptions;
  readonly #views: readonly RuleView[];
  readonly #rules: ReadonlyMap<string, AlertRule>;
  readonly #standings: Map<string, Standing>;
  readonly #history: AlertEvent[];
  #lastMs: number | undefined;
  #isChanged = false;
  #isFull = false;

  /** Goes on from what the file has, without alerts of rules that are no more. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.#views = options.rules.map((rule) => new RuleView(rule));
    this.#rules = new Map(options.rules.map((rule) => [rule.name, rule]));
    const { standings, history } = options.file.read();
    const known = standings.filter(({ rule }) => this.#rules.has(rule)).slice(0, MAX_ALERTS);
    this.#standings = new Map(known.map((each) => [each.id, each]));
    this.#history = history.slice(-MAX_HISTORY);
  }

  /** Every name that its rules speak of. */
  get names(): readonly NamedValue[] {
    return this.#views.flatMap(({ names }) => names);
  }

  /** The worst first; of one severity those that fire longest. */
  active(): ActiveAlert[] {
    const nowUs = this.#options.clock.nowUs();
    const shown = [...this.#standings.values()].flatMap((standing) => {
      const rule = this.#rules.get(standing.rule);
      return rule && !isOver(standing, nowUs) ? [shownAlert(standing, rule, nowUs)] : [];
    });
    return shown.sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || a.since - b.since);
  }

  /** The newest first. */
  get history(): readonly AlertEvent[] {
    return this.#history.toReversed();
  }

  /** Looks at every rule once. */
  look(values: AlertValues): void {
    const passedMs = this.#lastMs === undefined ? 0 : values.atMs - this.#lastMs;
    this.#lastMs = values.atMs;
    const nowUs = this.#options.clock.nowUs();
    for (const view of this.#views) this.#lookAt(view, values, { nowUs, passedMs });
    for (const standing of this.#standings.values()) {
      if (standing.silencedUntil !== null && !isSilenced(standing, nowUs)) this.#endSilence(standing);
      if (isOver(standing, nowUs)) this.#standings.delete(standing.id);
    }
    if (this.#standings.size < MAX_ALERTS) this.#isFull = false;
    if (this.#isChanged) this.#save();
  }

  /** Somebody knows of it: it is not shown as new any more. Undefined where there is no such alert, or it does not fire. */
  acknowledge(id: string, by: string): ActiveAlert | undefined {
    const standing = this.#standings.get(id);
    if (standing?.phase !== "firing") return undefined;
    standing.acknowledgedBy = by;
    return this.#changedBy(standing, "acknowledged", by);
  }

  /** Nobody is told of it until then; 0 ends a silence. Undefined where there is no such alert. */
  silence(id: string, by: string, untilUs: number): ActiveAlert | undefined {
    const standing = this.#standings.get(id);
    if (!standing) return undefined;
    standing.silencedBy = by;
    standing.silencedUntil = untilUs;
    const isEnd = untilUs <= this.#options.clock.nowUs();
    if (isEnd) standing.silencedUntil = null;
    return this.#changedBy(standing, isEnd ? "silence_ended" : "silenced", by);
  }

  #lookAt(view: RuleView, values: AlertValues, moment: { nowUs: number; passedMs: number }): void {
    const { rule } = view;
    const verdicts = view.look(values);
    const yielding = this.#yieldingTo(rule);
    for (const [subject, verdict] of verdicts) {
      const id = alertId(rule.name, subject);
      const standing = this.#standings.get(id) ?? newStanding(id, rule.name, subject);
      const phase = standing.phase;
      const change = turn(standing, verdict, rule, moment);
      if (!this.#keep(standing, yielding)) continue;
      if (standing.phase !== phase) this.#isChanged = true;
      if (change) this.#note(standing, rule, change);
    }
    for (const standing of this.#standings.values()) {
      if (standing.rule !== rule.name || verdicts.has(standing.subject)) continue;
      if (end(standing)) this.#note(standing, rule, "resolved"); // its source is no more
    }
  }

  /** Whether it is among those that stand: what is well need not be, and where all places are taken a less severe one makes way. */
  #keep(standing: Standing, yielding: Iterator<Standing>): boolean {
    if (this.#standings.has(standing.id)) return true;
    if (standing.phase === "inactive") return false;
    if (this.#standings.size >= MAX_ALERTS) {
      this.#tellFull();
      const { value } = yielding.next();
      if (!value) return false;
      this.#standings.delete(value.id);
    }
    this.#standings.set(standing.id, standing);
    return true;
  }

  /** Those that are less severe, the least severe and newest first; sorted when the first is asked for. */
  *#yieldingTo(rule: AlertRule): Generator<Standing, undefined> {
    const rank = ({ rule }: Standing) => ORDER[this.#rules.get(rule)?.severity ?? "info"];
    const others = [...this.#standings.values()].filter((standing) => rank(standing) > ORDER[rule.severity]);
    yield* others.sort((a, b) => rank(b) - rank(a) || b.since - a.since);
  }

  #tellFull(): void {
    if (!this.#isFull) this.#options.onFull(MAX_ALERTS);
    this.#isFull = true;
  }

  /** One that still fires is told of then. */
  #endSilence(standing: Standing): void {
    const rule = this.#rules.get(standing.rule);
    standing.silencedUntil = null;
    standing.silencedBy = null;
    if (rule) this.#note(standing, rule, "silence_ended");
  }

  #note(standing: Standing, rule: AlertRule, change: AlertChange, by: string | null = null): void {
    const { clock, tell } = this.#options;
    const { id, subject } = standing;
    const time = clock.nowUs();
    const event: AlertEvent = { time, id, rule: rule.name, subject, severity: rule.severity, change, by };
    this.#history.push(event);
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
    this.#isChanged = true;
    const isNews = change === "fired" || change === "resolved" ||
      (change === "silence_ended" && standing.phase === "firing");
    if (isNews && !isSilenced(standing, time)) tell(event, rule);
  }

  #changedBy(standing: Standing, change: AlertChange, by: string): ActiveAlert | undefined {
    const rule = this.#rules.get(standing.rule);
    if (!rule) return undefined;
    this.#note(standing, rule, change, by);
    this.#save();
    return shownAlert(standing, rule, this.#options.clock.nowUs());
  }

  #save(): void {
    this.#isChanged = false;
    this.#options.file.write({ standings: [...this.#standings.values()], history: this.#history });
  }
}

const ORDER = { critical: 0, warning: 1, info: 2 } as const;

/** The same for the same rule and subject, whatever characters are in them. */
function alertId(rule: string, subject: string): string {
  return createHash("sha256").update(JSON.stringify([rule, subject])).digest("hex").slice(0, 16);
}
