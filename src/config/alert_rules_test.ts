import assert from "node:assert/strict";
import { alertRulesOf, DEFAULT_RULES } from "./alert_rules.ts";
import { conditionFault } from "./alert_condition.ts";
import { alerts } from "./alerts.ts";

const FAULTS: readonly (readonly [string, RegExp | undefined])[] = [
  ["queue_depth > 0.9 * max_queue_size", undefined],
  ["rate(connector_records_dropped_total) > 5", undefined],
  ['source_silent_seconds{source="press"} > 10m', undefined],
  ["queue_depth", /must compare something/],
  ["queue_dept > 1", /names queue_dept, which is not known \(queue_depth\?\): there are queue_depth, /],
  ["queue_depth >", /cannot be understood: it has its end at 14/],
  ["rate(queue_depth) > 1", /asks how queue_depth changes/],
  ["rate(connector_queue_rows) > 1", /asks how connector_queue_rows changes/],
  ["rate(connector_delivery_seconds_count) > 1", undefined],
  ["connector_quee_rows > 5", /names connector_quee_rows, which is not known \(connector_queue_rows\?\)/],
  ["connector_delivery_seconds > 5", /which is not known .*of a histogram its _sum and _count/],
  [
    'rate(connector_log_lines_total{levl="error"}) > 1',
    /chooses among connector_log_lines_total by levl: it has level/,
  ],
  ['connector_queue_rows{source="press"} > 1', /chooses among connector_queue_rows by source: it has no labels/],
  ['rate(connector_sink_failures_total{lane="a",code="b"}) > 1', undefined],
  ['connector_sink_failures_total{table="a"} > 1', /by table: it has lane, code/],
  ['source_up{sorce="press"} == 0', /chooses among source_up by sorce: it has source alone/],
  ['queue_depth{source="press"} > 10', /chooses among queue_depth by source: it has no labels/],
  ['connection_status{table="main.plant.t"} == 0', undefined],
  ["source_up == 0 and connection_status == 0", /mixes names of each source and each table/],
  ["constructor > 1", /names constructor, which is not known/],
];

for (const [condition, fault] of FAULTS) {
  Deno.test(`the condition ${condition} is ${fault ? "refused with its reason" : "taken"}`, () => {
    const found = conditionFault(condition);
    if (fault) assert.match(found ?? "", fault);
    else assert.equal(found, undefined);
  });
}

Deno.test("every rule that holds by default can be understood, and says what to do", () => {
  for (const { condition, recovery, advice } of DEFAULT_RULES) {
    assert.deepEqual([condition, recovery ?? condition].map(conditionFault), [undefined, undefined]);
    assert.ok(advice);
  }
});

Deno.test("an own rule takes the place of the default with its name, and the others hold beside it", () => {
  const rules = [{ name: "source_down", condition: "source_up == 0", duration_seconds: 600 }];
  const all = alertRulesOf(alerts.parse({ rules }));
  assert.equal(all.length, DEFAULT_RULES.length);
  assert.deepEqual([all[0]?.name, all[0]?.durationSeconds], ["source_down", 600]);
  assert.equal(alertRulesOf(alerts.parse({ rules, default_rules: false })).length, 1);
  assert.deepEqual(alertRulesOf(alerts.parse({ rules, enabled: false })), []);
});
