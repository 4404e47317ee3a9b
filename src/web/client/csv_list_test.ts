import assert from "node:assert/strict";
import fc from "fast-check";
import { columnsOf } from "./csv_columns.ts";
import { csvOf, readCsvList } from "./csv_list.ts";
import { type FormNode, type Json, type JsonObject, nodeOf, type Schema } from "./form_model.ts";
import { pruned } from "./form_value.ts";
import { compareLists, mergedLists } from "./list_comparison.ts";

const SCHEMA: Schema = JSON.parse(
  await Deno.readTextFile(new URL("../../../docs/configuration.schema.json", import.meta.url)),
);

/** What the list of a protocol holds. */
function itemOf(protocol: string, list: string): FormNode {
  const sources = SCHEMA.properties?.sources?.items;
  const node = sources && nodeOf(sources);
  const variant = node?.kind === "variants" ? node.variants.find(({ title }) => title === protocol) : undefined;
  const block = variant?.node.fields.find(({ key }) => key === protocol)?.node;
  const found = block?.kind === "group" ? block.fields.find(({ key }) => key === list)?.node : undefined;
  if (found?.kind !== "list") throw new Error(`no list ${protocol}.${list}`);
  return found.item;
}

const REGISTER = itemOf("modbus", "registers");
const TOPIC = itemOf("mqtt", "topics");
const NODE = itemOf("opcua", "nodes");

Deno.test("csvOf() has the keys of the configuration as columns, those alone that something stands in", () => {
  const text = csvOf([{ name: "a", address: 1, labels: { area: "north" } }, { name: "b, c", address: 2 }], REGISTER);
  assert.equal(text, 'name,address,labels.area\r\na,1,north\r\n"b, c",2,\r\n');
  assert.equal(csvOf([], REGISTER), "name,address\r\n");
});

Deno.test("Columns of entries of several shapes, and within others, are those of all of them", () => {
  const keys = columnsOf(NODE).map(({ key }) => key);
  for (const key of ["node_id", "browse_path", "sampling_interval_ms"]) assert.ok(keys.includes(key), key);
  assert.ok(columnsOf(TOPIC).map(({ key }) => key).includes("payload.value"));
});

Deno.test("readCsvList() reads numbers, flags, choices, labels and what lies within, with commas and with semicolons", () => {
  for (const separator of [",", ";"]) {
    const text = ["name;address;data_type;scale_factor;labels.area", 'oven;40001;float32;"0.1";north'].join("\n");
    const { entries, faults } = readCsvList(`\uFEFF${text.replaceAll(";", separator)}`, REGISTER);
    assert.deepEqual(faults, []);
    assert.deepEqual(entries, [
      { name: "oven", address: 40001, data_type: "float32", scale_factor: 0.1, labels: { area: "north" } },
    ]);
  }
  const decimal = readCsvList("name;address;scale_factor\na;1;0,1", REGISTER);
  assert.deepEqual(decimal.entries, [{ name: "a", address: 1, scale_factor: 0.1 }]);
  const topics = readCsvList("topic,qos,payload.value\nplant/#,1,$.v", TOPIC);
  assert.deepEqual(topics.entries, [{ topic: "plant/#", qos: 1, payload: { value: "$.v" } }]);
});

Deno.test("readCsvList() takes a comma for a decimal one alone where the file is not separated by commas", () => {
  const read = (text: string) => {
    const { entries: [entry], faults } = readCsvList(text, REGISTER);
    return [entry?.address, entry?.scale_factor, faults.length];
  };
  assert.deepEqual(read("name\taddress\tscale_factor\na\t1\t-0,1"), [1, -0.1, 0]);
  assert.deepEqual(read('name,address,scale_factor\na,"1,000",1'), ["1,000", 1, 1]);
  for (const wrong of ["0x10", "1 000", "1.000,5", "Infinity", "1e"]) {
    assert.deepEqual(read(`name;address;scale_factor\na;${wrong};1`), [wrong, 1, 1], wrong);
  }
  assert.deepEqual(read("name,address,scale_factor\na,1,1e-7"), [1, 1e-7, 0]);
});

for (
  const { name, text, fault } of [
    { name: "a value of another type", text: "name,address\na,1\nb,x", fault: [3, "B", "address", /must be a/] },
    {
      name: "a word that is none of the choices",
      text: "name,address,data_type\na,1,flout32",
      fault: [2, "C", "data_type", /int16/],
    },
    { name: "what must be there", text: "name,address\n,1", fault: [2, "A", "name", /must be filled in/] },
    {
      name: "a column that there is not",
      text: "name,adress\na,1",
      fault: [1, "B", "adress", /no column adress; did you mean address\?/],
    },
    { name: "a column that is missing", text: "name\na", fault: [1, "A", "address", /is missing/] },
    { name: "a column that is there twice", text: "name,address,name\na,1,b", fault: [1, "C", "name", /twice/] },
    {
      name: "a name that stands there twice",
      text: "name,address\na,1\nb,2\na,3",
      fault: [4, "A", "name", /^a stands on line 2 and again on line 4$/],
    },
    { name: "a cell under no column", text: "name,address\na,1,2", fault: [2, "C", "", /under no column/] },
    { name: "quotes that do not end", text: 'name,address\n"a,1', fault: [2, "1", "", /nothing ends/] },
    { name: "a first line alone", text: "name,address\n", fault: [2, "A", "", /nothing below the first line/] },
    { name: "an empty file", text: "", fault: [1, "A", "", /nothing in the file/] },
  ] as const
) {
  Deno.test(`readCsvList() tells line and column of ${name}`, () => {
    const [first] = readCsvList(text, REGISTER).faults;
    const [line, column, key, message] = fault;
    assert.deepEqual([first?.line, first?.column, first?.key], [line, column, key]);
    assert.match(first?.message ?? "", message);
  });
}

Deno.test("readCsvList() tells of a topic that stands there twice, and of nodes nothing, which may share a name", () => {
  assert.match(readCsvList("topic\na\na", TOPIC).faults[0]?.message ?? "", /line 2 and again on line 3/);
  const nodes = "name,node_id\na,ns=1;s=A\na,ns=1;s=B";
  assert.deepEqual(readCsvList(nodes, NODE).faults, []);
});

Deno.test("readCsvList() takes keys in either case, and names of labels as they are written", () => {
  const { entries, faults } = readCsvList("Name,ADDRESS,Labels.Area\na,1,north", REGISTER);
  assert.deepEqual([entries, faults], [[{ name: "a", address: 1, labels: { Area: "north" } }], []]);
  assert.match(readCsvList("name,address,NAME\na,1,b", REGISTER).faults[0]?.message ?? "", /twice/);
});

Deno.test("readCsvList() counts columns as spreadsheets do, behind cells of several lines and beyond Z too", () => {
  const first = (text: string) => readCsvList(text, REGISTER).faults[0]?.column;
  assert.equal(first('name,unit,address\n"a\nb",c,x'), "C");
  assert.equal(first(`name,address${",".repeat(26)}\na,1${",".repeat(25)},x`), "AB");
});

Deno.test("readCsvList() lists the columns that there are once, however many are unknown", () => {
  const { faults } = readCsvList("name,address,x,y\na,1,2,3", REGISTER);
  assert.deepEqual(faults.map(({ message }) => /there are /.test(message)), [true, false]);
});

Deno.test("csvOf() lets no spreadsheet compute what a device or a person called something, and loses nothing by it", () => {
  const names = ["=1+1", "+49", "-cmd", "@SUM(A1)", "'=x", "'plain", "''-y", "plain"];
  const text = csvOf(names.map((name, address) => ({ name, address, offset: -5 })), REGISTER);
  for (const line of text.trim().split("\r\n").slice(1)) assert.doesNotMatch(line, /^"?[=+\-@]/);
  assert.match(text, /,-5\r\n/, "a negative number is no formula");
  assert.deepEqual(readCsvList(text, REGISTER).entries.map(({ name }) => name), names);
});

Deno.test("readCsvList() reads back whatever csvOf() writes", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "=", "'", '"', ",", ";", "@", "é", "-"),
    minLength: 1,
    maxLength: 6,
  });
  const entry = fc.record({
    name: word,
    address: fc.nat(65_535),
    unit: word,
    offset: fc.integer({ min: -9, max: -1 }),
  });
  fc.assert(fc.property(fc.array(entry, { maxLength: 5 }), fc.constantFrom(",", ";"), (entries, separator) => {
    const plain = entries.map((each) => ({ ...each }));
    assert.deepEqual(readCsvList(csvOf(plain, REGISTER, separator), REGISTER).entries, plain);
  }));
});

Deno.test("50,000 lines are written, read and compared", () => {
  const entries: JsonObject[] = Array.from({ length: 50_000 }, (_, n) => ({
    name: `register_${n}`,
    address: n,
    data_type: "float32",
    unit: "degC",
    labels: { area: `area ${n % 7}` },
  }));
  const read = readCsvList(csvOf(entries, REGISTER), REGISTER);
  const { changed, sameCount } = compareLists(entries, read.entries.with(7, { name: "register_7", address: 8 }));
  assert.deepEqual([read.faults, changed.length, sameCount], [[], 1, 49_999]);
});

Deno.test("compareLists() tells what is added, changed and removed, by name, and mergedLists() keeps what is missing", () => {
  const before: Json[] = [{ name: "a", address: 1 }, { name: "b", address: 2 }, { name: "b", address: 3 }, {
    name: "c",
    address: 4,
  }];
  const after: Json[] = [{ name: "b", address: 2 }, { name: "b", address: 9 }, { name: "d", address: 5 }, {
    name: "c",
    address: 4,
  }];
  const { added, changed, removed, sameCount } = compareLists(before, after);
  assert.deepEqual([added, removed, sameCount], [[after[2]], [before[0]], 2]);
  assert.deepEqual(changed, [{ before: before[2], after: after[1] }]);
  assert.deepEqual(mergedLists(before, after), [before[0], after[0], after[1], before[3], after[2]]);
});

Deno.test("A default that a file says is as if it did not", () => {
  const [entry] = readCsvList("name,address,data_type,byte_order\na,1,uint32,big", REGISTER).entries;
  assert.deepEqual(pruned(entry, REGISTER), { name: "a", address: 1, data_type: "uint32" });
});
