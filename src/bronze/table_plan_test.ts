import assert from "node:assert/strict";
import fc from "fast-check";
import protobuf from "protobufjs";
import "protobufjs/ext/descriptor/index.js";
import { ConfigError } from "../core/error.ts";
import { encodeRow } from "./encoder.ts";
import { MODBUS, MQTT, OPCUA } from "./mod.ts";
import { planBundled, planTable, type TableColumn } from "./table_plan.ts";

const TABLE = "iot.bronze.t";

function column(name: string, type: string, isNullable = true): TableColumn {
  return { name, type, isNullable };
}

/** What protobufjs' descriptor extension adds to a type. */
interface DescribedType extends protobuf.Type {
  toDescriptor(edition: string): protobuf.Message & { field: { jsonName?: string }[] };
}

/** What protobufjs makes of the same message. */
function expectedDescriptor(
  name: string,
  fields: readonly [string, number, string, "optional" | "required"][],
): Uint8Array {
  const lines = fields.map(([field, number, kind, rule]) => `${rule} ${kind} ${field} = ${number};`);
  const source = `syntax = "proto2"; message ${name} { ${lines.join(" ")} }`;
  const { root } = protobuf.parse(source, { keepCase: true });
  const described = (root.resolveAll().lookupType(name) as DescribedType).toDescriptor("proto2");
  for (const field of described.field) delete field.jsonName; // optional, and of no use to a table
  return described.$type.encode(described).finish();
}

Deno.test("planTable() describes the fields that both sides have, in table order, with our numbers", () => {
  const plan = planTable(TABLE, [
    column("value", "double"),
    column("somebody_elses", "array<string>"),
    column("Topic", "string"),
    column("event_time", "timestamp", false),
    column("qos", "bigint"),
  ], MQTT);
  assert.deepEqual(plan.columns, ["value", "Topic", "event_time", "qos"]);
  assert.deepEqual(
    plan.descriptor,
    new Uint8Array(expectedDescriptor("MQTTBronzeRecord", [
      ["value", 7, "double", "optional"],
      ["Topic", 4, "string", "optional"],
      ["event_time", 1, "int64", "required"],
      ["qos", 12, "int64", "optional"],
    ])),
  );
});

Deno.test("planBundled() describes the published fields and projects the extras away", () => {
  const plan = planBundled(MODBUS);
  const published = MODBUS.fields.filter((field) => field.isPublished);
  assert.deepEqual(
    plan.descriptor,
    new Uint8Array(
      expectedDescriptor(MODBUS.name, published.map(({ name, number, type }) => [name, number, type, "optional"])),
    ),
  );
  assert.deepEqual(
    plan.project(encodeRow(MODBUS, { unit: "bar", value: 2.5, seq: 7 })),
    encodeRow(MODBUS, { unit: "bar" }),
  );
});

Deno.test("planTable() leaves rows as they are for a table with every column", () => {
  const sql = { int32: "int", int64: "bigint", double: "double", string: "string", bool: "boolean", bytes: "binary" };
  const plan = planTable(TABLE, OPCUA.fields.map(({ name, type }) => column(name, sql[type])), OPCUA);
  const row = encodeRow(OPCUA, { node_id: "i=85", value_num: 1, labels: "{}" });
  assert.equal(plan.project(row), row);
  assert.equal(plan.misfit(row), undefined);
});

for (
  const [what, columns, words] of [
    [
      "a column of another type",
      [column("topic", "int")],
      ["topic", "INT", "string", "RENAME COLUMN topic TO topic_old", "ADD COLUMN topic STRING"],
    ],
    [
      "a column too narrow for a time",
      [column("event_time", "date")],
      ["event_time", "DATE", "int64", "ADD COLUMN event_time TIMESTAMP"],
    ],
    ["a number too narrow", [column("seq", "int")], ["seq", "INT", "ALTER COLUMN seq TYPE BIGINT"]],
    ["a FLOAT, which is not a double on the wire", [column("value", "float")], [
      "FLOAT",
      "ALTER COLUMN value TYPE DOUBLE",
    ]],
    ["text as VARIANT that is not JSON", [column("topic", "variant")], ["topic", "VARIANT", "STRING"]],
    [
      "a NOT NULL column that nothing fills",
      [column("topic", "string"), column("batch", "decimal(10,2)", false)],
      ["batch", "DECIMAL(10,2) NOT NULL", "MQTTBronzeRecord", "ALTER COLUMN batch DROP NOT NULL"],
    ],
    ["a table with nothing in common", [column("x", "int")], [
      "none of the columns",
      "ADD COLUMNS (event_time TIMESTAMP",
    ]],
  ] as const
) {
  Deno.test(`planTable() refuses ${what}, and says which ALTER TABLE helps`, () => {
    assert.throws(() => planTable(TABLE, columns, MQTT), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      for (const word of [...words, TABLE]) assert.ok(error.message.includes(word), `${word} in: ${error.message}`);
      return true;
    });
  });
}

Deno.test("planTable() takes labels as VARIANT", () => {
  assert.deepEqual(planTable(TABLE, [column("labels", "variant")], MQTT).columns, ["labels"]);
});

for (
  const [type, min, max] of [["tinyint", -128, 127], ["smallint", -32768, 32767]] as const
) {
  Deno.test(`misfit() names a value that ${type.toUpperCase()} cannot hold, and only such`, () => {
    const plan = planTable(TABLE, [column("slave_id", type)], MODBUS);
    fc.assert(fc.property(fc.oneof(fc.integer(), fc.integer({ min: min - 2, max: max + 2 })), (slave_id) => {
      const reason = plan.misfit(encodeRow(MODBUS, { slave_id, unit: "bar" }));
      if (slave_id >= min && slave_id <= max) return reason === undefined;
      return reason === `${slave_id} does not fit column slave_id, ${type.toUpperCase()}`;
    }));
  });
}

Deno.test("misfit() counts characters, not bytes, against VARCHAR", () => {
  const { misfit } = planTable(TABLE, [column("unit", "varchar(3)")], MODBUS);
  assert.equal(misfit(encodeRow(MODBUS, { unit: "°°🌡" })), undefined);
  assert.match(misfit(encodeRow(MODBUS, { unit: "degC" })) ?? "", /4 characters do not fit column unit, VARCHAR\(3\)/);
});

Deno.test("misfit() names a NOT NULL column for which the row has no value", () => {
  const { misfit } = planTable(TABLE, [column("unit", "string", false)], MODBUS);
  assert.equal(misfit(encodeRow(MODBUS, { unit: "" })), undefined);
  assert.match(misfit(encodeRow(MODBUS, { value: 1 })) ?? "", /unit is NOT NULL/);
});

Deno.test("misfit() looks at the value that counts where a field stands twice", () => {
  const { misfit } = planTable(TABLE, [column("slave_id", "tinyint")], MODBUS);
  const twice = [300, 1].map((slave_id) => encodeRow(MODBUS, { slave_id }));
  assert.equal(misfit(new Uint8Array(twice.flatMap((bytes) => [...bytes]))), undefined);
});
