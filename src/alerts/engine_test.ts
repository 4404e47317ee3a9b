import assert from "node:assert/strict";
import { FakeClock } from "../../tests/fakes/clock.ts";
import { aRule } from "../../tests/fakes/alerts.ts";
import type { AlertEvent, AlertRule } from "../core/alert.ts";
import type { KeptAlerts } from "./alert_file.ts";
import { AlertEngine } from "./engine.ts";

const LOOK_MS = 5000;

class Stand {
  readonly clock = new FakeClock();
  readonly told: string[] = [];
  kept: KeptAlerts = { standings: [], history: [] };
  writes = 0;
  fulls = 0;
  engine!: AlertEngine;

  constructor(...rules: AlertRule[]) {
    this.restart(...rules);
  }

  restart(...rules: AlertRule[]): void {
    const file = {
      read: () => structuredClone(this.kept),
      write: (alerts: KeptAlerts) => {
        this.kept = structuredClone(alerts);
        this.writes++;
      },
    };
    const tell = ({ change, rule, subject }: AlertEvent) => void this.told.push(`${rule} ${subject} ${change}`);
    this.engine = new AlertEngine({ rules, clock: this.clock, file, tell, onFull: () => void this.fulls++ });
  }

  /** Looks now, and again every five seconds for so long. */
  async look(values: Readonly<Record<string, number | Record<string, number>>>, seconds = 0): Promise<void> {
    for (let at = 0; at <= seconds; at += 5) {
      await this.clock.advance(LOOK_MS);
      const named = Object.entries(values).map(([name, value]) =>
        [name, new Map(Object.entries(typeof value === "number" ? { "": value } : value))] as const
      ).filter(([name]) => !name.endsWith("_total"));
      this.engine.look({
        atMs: this.clock.monotonicMs(),
        named: new Map(named),
        metric: ({ name }) => {
          const value = values[name];
          return typeof value === "number" ? value : undefined;
        },
      });
    }
  }

  get states(): string[] {
    return this.engine.active().map(({ rule, subject, state }) => `${rule} ${subject} ${state}`);
  }
}

const DOWN = { source_up: { press: 0, oven: 1 } };
const UP = { source_up: { press: 1, oven: 1 } };

Deno.test("an alert is pending until its condition has held for its duration, and then fires once", async () => {
  const stand = new Stand(aRule({ durationSeconds: 30 }));
  await stand.look(DOWN);
  assert.deepEqual(stand.states, ["source_down press pending"]);
  await stand.look(DOWN, 20);
  assert.deepEqual(stand.told, []);
  await stand.look(DOWN, 60);
  assert.deepEqual(stand.states, ["source_down press firing"]);
  assert.deepEqual(stand.told, ["source_down press fired"]);
});

Deno.test("a condition that stops to hold before its duration begins anew", async () => {
  const stand = new Stand(aRule({ durationSeconds: 30 }));
  for (let round = 0; round < 5; round++) {
    await stand.look(DOWN, 20);
    await stand.look(UP);
  }
  assert.deepEqual([stand.states, stand.told], [[], []]);
});

Deno.test("an alert that fires ends only when it was well for its recovery time", async () => {
  const stand = new Stand(aRule({ recoverySeconds: 20 }));
  await stand.look(DOWN);
  for (let round = 0; round < 3; round++) {
    await stand.look(UP, 10);
    await stand.look(DOWN);
  }
  assert.deepEqual(stand.told, ["source_down press fired"]);
  await stand.look(UP, 30);
  assert.deepEqual(stand.states, []);
  assert.deepEqual(stand.told, ["source_down press fired", "source_down press resolved"]);
});

Deno.test("between condition and recovery an alert stays as it is", async () => {
  const rule = aRule({ name: "filling", condition: "spool_bytes > 80", recovery: "spool_bytes < 70" });
  const stand = new Stand(rule);
  await stand.look({ spool_bytes: 75 });
  assert.deepEqual(stand.states, []);
  await stand.look({ spool_bytes: 81 });
  await stand.look({ spool_bytes: 75 }, 600);
  assert.deepEqual(stand.states, ["filling  firing"]);
  await stand.look({ spool_bytes: 69 });
  assert.deepEqual(stand.states, []);
});

Deno.test("what is not known neither raises nor ends an alert", async () => {
  const stand = new Stand(aRule({ name: "rate", condition: "failure_rate > 0.1" }));
  await stand.look({ failure_rate: NaN });
  assert.deepEqual(stand.states, []);
  await stand.look({ failure_rate: 0.2 });
  await stand.look({ failure_rate: NaN }, 60);
  assert.deepEqual(stand.states, ["rate  firing"]);
});

Deno.test("a jump of the host's clock neither raises nor ends an alert", async () => {
  const stand = new Stand(aRule({ durationSeconds: 600 }));
  await stand.look(DOWN);
  stand.clock.jump(86_400_000_000);
  await stand.look(DOWN);
  assert.deepEqual(stand.states, ["source_down press pending"]);
});

Deno.test("the alert of a source that is no more ends", async () => {
  const stand = new Stand(aRule());
  await stand.look(DOWN);
  await stand.look({ source_up: { oven: 1 } });
  assert.deepEqual(stand.told, ["source_down press fired", "source_down press resolved"]);
});

Deno.test("a counter that grows raises an alert, which ends when it stands still for the window", async () => {
  const stand = new Stand(aRule({ name: "grow", condition: "increase(refused_total) > 0", windowSeconds: 60 }));
  await stand.look({ refused_total: 7 }, 120);
  assert.deepEqual(stand.states, []);
  await stand.look({ refused_total: 8 }, 30);
  assert.deepEqual(stand.states, ["grow  firing"]);
  await stand.look({ refused_total: 8 }, 60);
  assert.deepEqual(stand.states, []);
  await stand.look({ refused_total: 0 }); // the process began anew
  assert.deepEqual(stand.states, []);
});

Deno.test("who acknowledges is shown until the alert has ended; then it fires as new", async () => {
  const stand = new Stand(aRule());
  await stand.look(DOWN);
  const [alert] = stand.engine.active();
  assert.equal(stand.engine.acknowledge(alert?.id ?? "", "anna")?.acknowledgedBy, "anna");
  assert.deepEqual(stand.states, ["source_down press acknowledged"]);
  await stand.look(UP);
  await stand.look(DOWN);
  assert.deepEqual(stand.states, ["source_down press firing"]);
  assert.deepEqual(stand.engine.history.map(({ change, by }) => [change, by]), [
    ["fired", null],
    ["resolved", null],
    ["acknowledged", "anna"],
    ["fired", null],
  ]);
});

Deno.test("nobody is told of a silenced alert; one that still fires is told when the silence ends", async () => {
  const stand = new Stand(aRule());
  await stand.look(DOWN);
  const [{ id } = { id: "" }] = stand.engine.active();
  stand.engine.silence(id, "anna", stand.clock.nowUs() + 60_000_000);
  await stand.look(UP);
  assert.deepEqual(stand.states, ["source_down press silenced"], "the silence stands");
  await stand.look(DOWN);
  assert.deepEqual(stand.told, ["source_down press fired"]);
  await stand.look(DOWN, 60);
  assert.deepEqual(stand.states, ["source_down press firing"]);
  assert.deepEqual(stand.told, ["source_down press fired", "source_down press silence_ended"]);
});

Deno.test("alerts, acknowledgements and silences outlive a restart, and nothing is told twice", async () => {
  const rules = [aRule({ durationSeconds: 30 }), aRule({ name: "queue", condition: "queue_depth > 1" })];
  const values = { ...DOWN, queue_depth: 2 };
  const stand = new Stand(...rules);
  await stand.look(values, 60);
  const [first, second] = stand.engine.active();
  stand.engine.acknowledge(first?.id ?? "", "anna");
  stand.engine.silence(second?.id ?? "", "otto", stand.clock.nowUs() + 3_600_000_000);
  const [states, told] = [stand.states, [...stand.told]];
  stand.restart(...rules);
  assert.deepEqual(stand.states, states);
  await stand.look(values, 60);
  assert.deepEqual([stand.states, stand.told], [states, told]);
  stand.restart();
  assert.deepEqual(stand.states, [], "a rule that is no more has no alerts");
});

Deno.test("nothing is written while nothing changes", async () => {
  const stand = new Stand(aRule());
  await stand.look(DOWN);
  const { writes } = stand;
  await stand.look(DOWN, 300);
  assert.equal(stand.writes, writes);
});

Deno.test("a rule that names one source is about that one", async () => {
  const stand = new Stand(aRule({ condition: 'source_up{source="oven"} == 0' }));
  await stand.look(DOWN);
  assert.deepEqual(stand.states, []);
  await stand.look({ source_up: { press: 0, oven: 0 } });
  assert.deepEqual(stand.states, ["source_down oven firing"]);
});

Deno.test("alerts that stand and what is remembered of them are bounded", async () => {
  const stand = new Stand(aRule());
  const many = (up: number) => ({
    source_up: Object.fromEntries(Array.from({ length: 700 }, (_, at) => [`s${at}`, up])),
  });
  for (const up of [0, 1, 0]) await stand.look(many(up));
  assert.deepEqual([stand.states.length, stand.engine.history.length], [500, 500]);
});

Deno.test("a severe alert takes the place of a less severe one, and what has no place is said once and writes nothing", async () => {
  const ledger = aRule({ name: "ledger", condition: "ledger_balanced == 0" });
  const stand = new Stand(aRule({ severity: "warning" }), ledger);
  const source_up = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`s${at}`, 0]));
  await stand.look({ source_up, ledger_balanced: 1 });
  await stand.look({ source_up, ledger_balanced: 0 });
  assert.equal(stand.states[0], "ledger  firing");
  assert.deepEqual([stand.states.length, stand.told.at(-1), stand.fulls], [500, "ledger  fired", 1]);
  const { writes } = stand;
  await stand.look({ source_up, ledger_balanced: 0 }, 60);
  assert.deepEqual([stand.writes, stand.fulls, stand.told.length], [writes, 1, 501]);
  await stand.look({ source_up: { s0: 1 }, ledger_balanced: 0 });
  await stand.look({ source_up, ledger_balanced: 0 });
  assert.equal(stand.fulls, 2);
});
