/** SQL and JSON of the documents are what the code gives and takes. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { MQTT } from "../../src/bronze/mod.ts";
import { grants } from "../../src/doctor/statements.ts";
import { DEFAULT_RULES } from "../../src/config/alert_rules.ts";
import { noticeOf } from "../../src/alerts/notice.ts";
import { allBlocks } from "./documents.ts";

const blocks = allBlocks();
const sql = blocks.filter(({ language }) => language === "sql");

Deno.test("Grants in the documents are those that the connector gives to who administers the workspace", () => {
  const lines = sql.flatMap(({ text }) => text.split("\n")).filter((line) => line.startsWith("GRANT"));
  assert.deepEqual(lines, grants(["iot_data.bronze.mqtt_bronze"], null).split("\n"));
});

for (const { place, text } of sql.filter(({ text }) => /^SELECT/.test(text))) {
  Deno.test(`The query of ${place} runs on a table with the columns of rows`, () => {
    const db = new DatabaseSync(":memory:");
    db.function("split_part", (whole, by, nth) => String(whole).split(String(by))[Number(nth) - 1] ?? "");
    db.exec(`CREATE TABLE mqtt_bronze (${MQTT.fields.map(({ name }) => name).join(", ")})`);
    assert.doesNotThrow(() => db.prepare(text.replaceAll("iot_data.bronze.", "")).all());
    db.close();
  });
}

Deno.test("docs/alerts.md shows every member that a webhook gets, and no other", () => {
  const shown = blocks.find(({ file, language }) => file === "docs/alerts.md" && language === "json")?.text ?? "";
  const [rule] = DEFAULT_RULES;
  assert.ok(rule);
  const event = {
    id: "a",
    time: 0,
    rule: rule.name,
    subject: "",
    severity: "info",
    change: "fired",
    by: null,
  } as const;
  const notice = noticeOf(event, rule, { connector: "c", version: "1" });
  assert.deepEqual(Object.keys(JSON.parse(shown)), Object.keys(notice));
});

Deno.test("JSON of the documents is JSON, an object a line or one in all", () => {
  const json = blocks.filter(({ language }) => language === "json");
  assert.ok(json.length >= 2);
  for (const { place, text } of json) assert.doesNotThrow(() => JSON.parse(text), place);
});
