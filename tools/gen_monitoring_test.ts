import assert from "node:assert/strict";
import { Metrics } from "../src/telemetry/mod.ts";
import { generateMonitoring } from "./gen_monitoring.ts";

const metrics = new Metrics({ version: "", startedUs: 0 }).described();

/** Every name that a query may use, with the labels of its series. */
const known = new Map(metrics.flatMap(({ name, type, labels }) => {
  const names = type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
  return names.map((each): [string, readonly string[]] => [each, labels]);
}));

const files = [
  ["docs/monitoring/grafana.json", generateMonitoring().get("docs/monitoring/grafana.json") ?? ""],
  ...["alerts.yml", "alerts_test.yml"].map((file) => {
    const path = `docs/monitoring/${file}`;
    return [path, Deno.readTextFileSync(new URL(`../${path}`, import.meta.url))] as const;
  }),
] as const;

for (const [path, text] of files) {
  Deno.test(`${path} names only metrics and labels that there are`, () => {
    const used = [...text.matchAll(/\b((?:connector|process)_[a-z_]+)(\{[^}]*\})?/g)];
    for (const [, name = "", selector = ""] of used) {
      assert.ok(known.has(name), `${name} is no metric`);
      for (const [, label = ""] of selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)) {
        assert.ok(["instance", "job", ...known.get(name) ?? []].includes(label), `${name} has no label ${label}`);
      }
    }
    assert.ok(used.length >= 12, `${used.length}`);
  });
}

Deno.test("docs/metrics.md tells of every metric once", () => {
  const text = generateMonitoring().get("docs/metrics.md") ?? "";
  for (const { name } of metrics) assert.equal(text.split(`| \`${name}\` |`).length, 2, name);
});
