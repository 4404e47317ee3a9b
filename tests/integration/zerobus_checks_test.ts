/** What the fake workspace refuses, so that a client that does wrong cannot pass a test. */
import assert from "node:assert/strict";
import type { PlannedField } from "../../src/bronze/descriptor.ts";
import type { BronzeType } from "../../src/bronze/message.ts";
import type { ProtoWriter } from "../../src/lib/proto_writer.ts";
import { Code, startZerobus, type Table, type ZerobusOptions, type ZerobusPeer } from "../peers/zerobus/mod.ts";
import { eventually } from "../wait.ts";
import { createStream, details, ingest, ingestJson, RawClient, record } from "./zerobus_raw_client.ts";

const NAME = "main.plant.readings";
const TABLE: Table = {
  name: NAME,
  columns: [
    { name: "id", type: "bigint", isNullable: false },
    { name: "tiny", type: "tinyint" },
    { name: "small", type: "smallint" },
    { name: "whole", type: "int" },
    { name: "short_text", type: "varchar(3)" },
    { name: "text", type: "string" },
    { name: "document", type: "variant" },
    { name: "flag", type: "boolean" },
    { name: "bytes", type: "binary" },
    { name: "value", type: "double" },
  ],
};
const OTHER: Table = { name: "main.plant.other", columns: [{ name: "id", type: "bigint" }] };

function field(name: string, number: number, type: BronzeType): PlannedField {
  return { name, number, type, isRequired: false };
}

const FIELDS = [
  field("id", 1, "int64"),
  field("tiny", 2, "int32"),
  field("small", 3, "int32"),
  field("whole", 4, "int32"),
  field("short_text", 5, "string"),
  field("text", 6, "string"),
  field("document", 7, "string"),
  field("flag", 8, "bool"),
  field("bytes", 9, "bytes"),
  field("value", 10, "double"),
];
const CREATE = createStream(NAME, FIELDS);
const key = (number: number, wireType: number) => (number << 3) | wireType;
const idOf = (id: number | bigint) => record((writer) => writer.int64(key(1, 0), id));
/** A record with an id, and what `write` adds. */
const withId = (write: (writer: ProtoWriter) => void) =>
  record((writer) => {
    writer.int64(key(1, 0), 1);
    write(writer);
  });

async function start(options: ZerobusOptions = {}): Promise<ZerobusPeer & Disposable & { client: RawClient }> {
  const zerobus = await startZerobus({ tables: [TABLE, OTHER], ...options });
  const client = new RawClient(zerobus);
  return Object.assign(zerobus, { client, [Symbol.dispose]: () => client[Symbol.dispose]() });
}

/** Runs a call to the table with a good token and says how it ended. */
async function call(zerobus: { client: RawClient }, ...requests: Uint8Array[]): ReturnType<RawClient["call"]> {
  return await zerobus.client.call(await zerobus.client.token(NAME), NAME, requests);
}

Deno.test("a right call is acknowledged cumulatively and ends with OK after a half-close", async () => {
  await using zerobus = await start();
  using client = zerobus.client;
  const token = await client.token(NAME);
  const requests = [CREATE, ingest(0, idOf(1), idOf(2)), ingest(1, idOf(-3)), ingest(2, idOf(2n ** 63n - 1n))];
  const { code, said } = await client.call(token, NAME, requests);
  assert.equal(code, Code.OK);
  assert.deepEqual(said.map(({ kind }) => kind)[0], "created");
  assert.deepEqual(said.at(-1), { kind: "ack", upTo: 2n });
  assert.deepEqual(zerobus.rows(NAME), [{ id: 1 }, { id: 2 }, { id: -3 }, { id: 2n ** 63n - 1n }]);
});

Deno.test("every kind of value is read as it was written", async () => {
  await using zerobus = await start();
  using _client = zerobus.client;
  const text = "Öfen 🔥, long enough to be decoded by the runtime";
  const whole = record((writer) => {
    writer.int64(key(1, 0), 9007199254740993n);
    writer.int32(key(2, 0), -128);
    writer.int32(key(3, 0), 32767);
    writer.int32(key(4, 0), -2147483648);
    writer.string(key(5, 2), "abc");
    writer.string(key(6, 2), text);
    writer.string(key(7, 2), '{"a":1}');
    writer.bool(key(8, 0), true);
    writer.bytes(key(9, 2), new Uint8Array([0, 255]));
    writer.double(key(10, 1), -0.5);
  });
  assert.equal((await call(zerobus, CREATE, ingest(0, whole))).code, Code.OK);
  assert.deepEqual(zerobus.rows(NAME), [{
    id: 9007199254740993n,
    tiny: -128,
    small: 32767,
    whole: -2147483648,
    short_text: "abc",
    text,
    document: '{"a":1}',
    flag: true,
    bytes: new Uint8Array([0, 255]),
    value: -0.5,
  }]);
});

for (
  const [what, bytes, causes] of [
    ["a TINYINT of 128", withId((writer) => writer.int32(key(2, 0), 128)), /tiny: 128/],
    ["a SMALLINT of -32769", withId((writer) => writer.int32(key(3, 0), -32769)), /small: -32769/],
    ["an INT of 2^31", withId((writer) => writer.int64(key(4, 0), 2 ** 31)), /whole: 2147483648/],
    ["four characters in VARCHAR(3)", withId((writer) => writer.string(key(5, 2), "abcd")), /short_text/],
    [
      "text that is not UTF-8",
      withId((writer) => writer.bytes(key(6, 2), new Uint8Array([0xc3, 0x28]))),
      /text.*UTF-8/,
    ],
    ["a VARIANT that is not JSON", withId((writer) => writer.string(key(7, 2), "{")), /document/],
    ["no value for a NOT NULL column", record((writer) => writer.int32(key(2, 0), 1)), /id, which is NOT NULL/],
    ["a field that the descriptor lacks", withId((writer) => writer.int32(key(99, 0), 1)), /field 99/],
    ["a field of another wire type", withId((writer) => writer.double(key(4, 1), 1)), /whole has wire type 1/],
    ["a record that is cut short", withId((writer) => writer.raw(new Uint8Array([0x32, 9, 1]))), /ends behind/],
  ] as const
) {
  Deno.test(`a record is refused for ${what}, and its whole request with it`, async () => {
    await using zerobus = await start();
    using _client = zerobus.client;
    const { code, info } = await call(zerobus, CREATE, ingest(0, idOf(7)), ingest(1, idOf(8), bytes));
    assert.equal(code, Code.INVALID_ARGUMENT);
    assert.equal(info?.reason, "SCHEMA_VALIDATION_FAILED");
    assert.match(info?.metadata["causes"] ?? "", causes);
    assert.deepEqual(zerobus.rows(NAME), [{ id: 7 }]);
  });
}

for (
  const [what, fields, causes] of [
    ["an unknown column", [...FIELDS, field("more", 50, "string")], /no column more/],
    ["a column of another type", [field("id", 1, "int32")], /id is int32.*BIGINT/],
    ["no field for a NOT NULL column", [field("text", 6, "string")], /id is NOT NULL/],
    ["one number for two fields", [field("id", 1, "int64"), field("text", 1, "string")], /same number/],
    ["bytes that are no descriptor", new Uint8Array([0xff, 0xff]), /no DescriptorProto/],
  ] as const
) {
  Deno.test(`a stream is refused for ${what}`, async () => {
    await using zerobus = await start();
    using _client = zerobus.client;
    const { code, info } = await call(zerobus, createStream(NAME, fields));
    assert.equal(code, Code.INVALID_ARGUMENT);
    assert.match(info?.metadata["causes"] ?? "", causes);
  });
}

const many = Array.from({ length: 100_001 }, () => idOf(1));

for (
  const [what, requests, expected] of [
    ["a first request that is not create_stream", [ingest(0, idOf(1))], Code.INVALID_ARGUMENT],
    ["a second create_stream", [CREATE, CREATE], Code.INVALID_ARGUMENT],
    ["another table than the header's", [createStream(OTHER.name, [field("id", 1, "int64")])], Code.INVALID_ARGUMENT],
    ["an unknown record type", [createStream(NAME, FIELDS, 3)], Code.INVALID_ARGUMENT],
    ["JSON on a protobuf stream", [CREATE, ingestJson(0, '{"id":1}')], Code.INVALID_ARGUMENT],
    ["an offset that does not begin at 0", [CREATE, ingest(1, idOf(1))], Code.OUT_OF_RANGE],
    ["an offset that comes twice", [CREATE, ingest(0, idOf(1)), ingest(0, idOf(2))], Code.OUT_OF_RANGE],
    ["a request without records", [CREATE, ingest(0)], Code.INVALID_ARGUMENT],
    ["100,001 records", [CREATE, ingest(0, ...many)], Code.INVALID_ARGUMENT],
    ["more than 10 MiB", [CREATE, new Uint8Array(10 * 1024 * 1024 + 1)], Code.RESOURCE_EXHAUSTED],
    ["bytes that are no request", [new Uint8Array([0x0b])], Code.INVALID_ARGUMENT],
  ] as const
) {
  for (const verify of ["full", "light"] as const) {
    Deno.test(`a call is ended for ${what} (${verify})`, async () => {
      await using zerobus = await start({ verify });
      using _client = zerobus.client;
      assert.equal((await call(zerobus, ...requests)).code, expected);
    });
  }
}

Deno.test("JSON records are read by column, and refused when they do not fit", async () => {
  await using zerobus = await start();
  using _client = zerobus.client;
  const create = createStream(NAME, new Uint8Array(), 2);
  const good = '{"id":1,"bytes":"AP8=","flag":false,"text":null}';
  assert.equal((await call(zerobus, create, ingestJson(0, good))).code, Code.OK);
  assert.deepEqual(zerobus.rows(NAME), [{ id: 1, bytes: new Uint8Array([0, 255]), flag: false }]);
  for (const bad of ['{"id":"x"}', '{"id":1,"more":1}', '{"tiny":1}', '{"id":1,"tiny":300}', "[]", "{"]) {
    assert.equal((await call(zerobus, create, ingestJson(0, bad))).code, Code.INVALID_ARGUMENT, bad);
  }
});

for (
  const [what, token, expected] of [
    ["no token that was given out", () => Promise.resolve("made-up"), Code.UNAUTHENTICATED],
    ["a token for another table", (client: RawClient) => client.token(OTHER.name), Code.PERMISSION_DENIED],
    ["a token of the workspace's API", (client: RawClient) => client.token(undefined), Code.PERMISSION_DENIED],
  ] as const
) {
  Deno.test(`a call is refused with ${what}`, async () => {
    await using zerobus = await start();
    using client = zerobus.client;
    assert.equal((await client.call(await token(client), NAME, [CREATE])).code, expected);
  });
}

Deno.test("a token is refused once it has expired, and once it is revoked", async () => {
  await using zerobus = await start({ tokenSeconds: 0 });
  using client = zerobus.client;
  assert.equal((await client.call(await client.token(NAME), NAME, [CREATE])).code, Code.UNAUTHENTICATED);
  await using lasting = await start();
  using other = lasting.client;
  const token = await other.token(NAME);
  lasting.revokeTokens();
  assert.equal((await other.call(token, NAME, [CREATE])).code, Code.UNAUTHENTICATED);
});

/** Details of which one entry is changed: 0 catalog, 1 schema, 2 table. */
function changed(index: number, change: Record<string, unknown>): string {
  return JSON.stringify(details(NAME).map((entry, i) => i === index ? { ...entry, ...change } : entry));
}

const BAD_DETAILS = "invalid_authorization_details";

for (
  const [what, changes, error] of [
    ["another grant type", { grant_type: "password" }, "unsupported_grant_type"],
    ["another scope", { scope: "sql" }, "invalid_scope"],
    ["another workspace", { resource: "api://databricks/workspaces/1/zerobusDirectWriteApi" }, "invalid_target"],
    ["no resource", { resource: null }, "invalid_target"],
    ["details without a table", { authorization_details: JSON.stringify(details(NAME).slice(0, 2)) }, BAD_DETAILS],
    ["another catalog", { authorization_details: changed(0, { object_full_path: "other" }) }, BAD_DETAILS],
    ["no right to the schema", { authorization_details: changed(1, { privileges: [] }) }, BAD_DETAILS],
    ["no right to modify", { authorization_details: changed(2, { privileges: ["SELECT"] }) }, BAD_DETAILS],
    ["another operation", { authorization_details: changed(2, { operations: ["read"] }) }, BAD_DETAILS],
    ["details that are no JSON", { authorization_details: "[" }, BAD_DETAILS],
  ] as const
) {
  Deno.test(`a token is refused for ${what}`, async () => {
    await using zerobus = await start();
    using client = zerobus.client;
    const answer = await client.askToken(NAME, changes);
    assert.deepEqual([answer.status, (await answer.json()).error], [400, error]);
  });
}

Deno.test("Unity Catalog describes a table to a token of its own, and refuses one for ingest", async () => {
  await using zerobus = await start();
  using client = zerobus.client;
  const ask = async (token: string, name: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await client.fetch(`/api/2.1/unity-catalog/tables/${name}`, { headers });
    return [answer.status, await answer.json()];
  };
  const [status, table] = await ask(await client.token(undefined), NAME);
  assert.equal(status, 200);
  assert.deepEqual([table.table_type, table.data_source_format, table.full_name], ["MANAGED", "DELTA", NAME]);
  const { name, type_text, type_name, nullable, position } = table.columns[0];
  assert.deepEqual({ name, type_text, type_name, nullable, position }, {
    name: "id",
    type_text: "bigint",
    type_name: "LONG",
    nullable: false,
    position: 0,
  });
  assert.equal((await ask(await client.token(NAME), NAME))[0], 403);
  assert.equal((await ask("made-up", NAME))[0], 401);
  assert.equal((await ask(await client.token(undefined), "main.plant.none"))[0], 404);
});

Deno.test("a planned fault lets as many moments pass as it says, and happens as often as it says", async () => {
  await using zerobus = await start();
  using _client = zerobus.client;
  zerobus.plan({ on: "request", skip: 2, times: 2, fault: { kind: "end_without_status", isReset: true } });
  const requests = [CREATE, ...[0, 1, 2].map((offset) => ingest(offset, idOf(offset)))];
  assert.equal((await call(zerobus, ...requests)).code, Code.INTERNAL);
  assert.deepEqual(zerobus.rows(NAME), [{ id: 0 }, { id: 1 }]);
  assert.equal((await call(zerobus, ...requests)).code, Code.INTERNAL);
  assert.equal((await call(zerobus, ...requests)).code, Code.OK);
});

Deno.test("one stream takes more than its window, and answers more than the client's", async () => {
  await using zerobus = await start({ verify: "light" });
  using _client = zerobus.client;
  zerobus.withholdAcks();
  const long = withId((writer) => writer.bytes(key(6, 2), new Uint8Array(9 * 1024 * 1024)));
  const ended = call(zerobus, CREATE, ingest(0, long), ingest(1, long), ingest(2, long));
  await eventually("all is stored", () => zerobus.count(NAME) === 3);
  for (let i = 0; i < 10_000; i++) zerobus.strike({ kind: "ack", upTo: 1 });
  zerobus.releaseAcks();
  const { code, said } = await ended;
  assert.deepEqual([code, said.length], [Code.OK, 10_002]);
});
