import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { SpoolHome } from "../../tests/fakes/spool.ts";
import { eventually } from "../../tests/wait.ts";
import { decodeRow, encodeRow, MODBUS, type ModbusRow, MQTT, type MqttRow } from "../bronze/mod.ts";
import type { DeadLetter } from "../buffer/dead_letters.ts";
import type { SpoolBuffer } from "../buffer/spool/mod.ts";
import { DecodeError, RejectedError } from "../core/error.ts";
import { laneTo } from "../core/lane.ts";
import { copyOf, type Reading, type Refusal, type Row } from "../core/reading.ts";
import { replayLetter, type ReplaySources } from "./replay.ts";

const NEVER = new AbortController().signal;
const METERS = laneTo("main.bronze.meters", MODBUS.name);
const LINE = laneTo("main.bronze.line", MQTT.name);
const PLC =
  '  - { name: plc, protocol: modbus, endpoint: "modbus+tcp://h", modbus: { registers: [{ name: r, address: 0 }] } }';
const NOT_JSON = new DecodeError("mqtt_not_json", "Payload of topic oven/t is not JSON");

/** Sources of now: `line`, whose payloads are read like this, and `plc`. */
function sourcesWith(payload: string, required = "event_time"): Promise<ReplaySources> {
  return loadText(`local_sink: { enabled: true }
processing: { validation: { required_fields: [${required}] } }
sources:
  - { name: line, protocol: mqtt, endpoint: "mqtt://b", mqtt: { topics: [{ topic: "oven/#" }], payload: ${payload} } }
${PLC}
`);
}

/** A spool, and what a test does with it. */
class Desk implements AsyncDisposable {
  readonly #home: SpoolHome;
  readonly buffer: SpoolBuffer;

  private constructor(home: SpoolHome, buffer: SpoolBuffer) {
    this.#home = home;
    this.buffer = buffer;
  }

  static async open(): Promise<Desk> {
    const home = new SpoolHome();
    return new Desk(home, await home.open({ maxRowBytes: 10_000 }));
  }

  /** A row of `plc` that the sink refused: its dead letter. */
  async refusedRow(row: ModbusRow, lane = METERS): Promise<number> {
    const encode = (_: Reading, { seq }: { seq: number }) => encodeRow(MODBUS, { ...row, edge_id: "edge", seq });
    await this.buffer.accept(readings(), { source: "plc", lane, encode }, NEVER);
    const refused = (await this.rows(lane.id)).at(0) ?? assert.fail("no row");
    await this.buffer.reject(refused, new RejectedError("row_refused", "The table does not take it"));
    return await this.#stored();
  }

  /** A message of `line`, or of `source`, that could not be decoded. */
  async refusedMessage(text: string, kept: Pick<Refusal, "isCut"> = {}, source = "line"): Promise<number> {
    const refusal = { tag: "oven/t", eventTimeUs: 5, payload: bytesOf(text), ...kept, reason: NOT_JSON };
    const lane = source === "plc" ? METERS : LINE;
    const route = { source, lane, encode: () => assert.fail("there is no reading") };
    await this.buffer.accept({ readings: [], refusals: [refusal], isWithheld: false }, route, NEVER);
    return await this.#stored();
  }

  /** A reading of `line` that lacks a column, is too large, or cannot be encoded. */
  async refusedReading(make: () => MqttRow): Promise<number> {
    const fault = () => new DecodeError("required_field_missing", "unit is empty");
    const encode = () => encodeRow(MQTT, make());
    await this.buffer.accept(readings(), { source: "line", lane: LINE, encode, fault }, NEVER);
    return await this.#stored();
  }

  /** What waits for the table. */
  async rows(lane: string): Promise<Row[]> {
    for await (const rows of this.buffer.next(lane, NEVER)) return [...rows].map(copyOf);
    return [];
  }

  async letterIds(): Promise<readonly number[]> {
    return await this.buffer.tools.letterIds();
  }

  /** The id of the newest letter, once it is on disk. */
  async #stored(): Promise<number> {
    const { id } = this.buffer.deadLetters(1)[0] as DeadLetter; // it was just refused
    await eventually("the letter is on disk", async () => (await this.letterIds()).includes(id));
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.buffer[Symbol.asyncDispose]();
    await this.#home[Symbol.asyncDispose]();
  }
}

function readings() {
  return { readings: [{ tag: "oven/t", eventTimeUs: 5 }], isWithheld: false };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function assertBalanced({ buffer }: Desk, spooled: number): void {
  const { total, balanced } = buffer.ledger();
  assert.ok(balanced);
  assert.deepEqual([total.spooled, total.dead_lettered], [spooled, 0]);
}

Deno.test("replayLetter() puts a row back as it is, with its identity", async () => {
  await using desk = await Desk.open();
  const id = await desk.refusedRow({ source_name: "plc", value: 1 });
  assert.equal(await replayLetter(desk.buffer.tools, id, { edit: undefined, sources: await sourcesWith("{}") }), 1);
  const [row] = await desk.rows(METERS.id);
  assert.deepEqual([row?.edgeId, row?.bootEpoch, decodeRow(MODBUS, row?.bytes ?? new Uint8Array()).seq], [
    "edge",
    100,
    1,
  ]);
  assertBalanced(desk, 1);
});

Deno.test("replayLetter() changes the columns of a row that are set, and gives it a new identity", async () => {
  await using desk = await Desk.open();
  const whole = { event_time: 2n ** 62n, source_name: "plc", raw_value: 7, value: 1, ingest_time: 3, boot_epoch: 9 };
  const id = await desk.refusedRow(whole);
  const edit = { set: { value: "-2.5", unit: "degC" } };
  assert.equal(await replayLetter(desk.buffer.tools, id, { edit, sources: await sourcesWith("{}") }), 1);
  const [row] = await desk.rows(METERS.id);
  const { ingest_time, ...columns } = decodeRow(MODBUS, row?.bytes ?? new Uint8Array());
  const stamp = { edge_id: "edge", boot_epoch: 100, seq: 2 };
  const kept = { event_time: 2n ** 62n, source_name: "plc", raw_value: 7 };
  assert.deepEqual(columns, { ...kept, value: -2.5, unit: "degC", ...stamp });
  assert.ok(Number(ingest_time) > 3);
  assertBalanced(desk, 1);
});

Deno.test("replayLetter() decodes a message again with its source's settings of now", async () => {
  await using desk = await Desk.open();
  const id = await desk.refusedMessage("21.5 degrees");
  const sources = await sourcesWith("{ format: text }");
  assert.equal(await replayLetter(desk.buffer.tools, id, { edit: undefined, sources }), 1);
  const [row] = await desk.rows(LINE.id);
  const { topic, value_string, source_name } = decodeRow(MQTT, row?.bytes ?? new Uint8Array());
  assert.deepEqual([topic, value_string, source_name], ["oven/t", "21.5 degrees", "line"]);
  assertBalanced(desk, 1);
});

Deno.test("replayLetter() decodes in a message's place the one that somebody wrote, also where only its beginning was kept", async () => {
  await using desk = await Desk.open();
  const id = await desk.refusedMessage("x", { isCut: true });
  const edit = { payload: bytesOf('{"v":4}') };
  const sources = await sourcesWith('{ format: json, value: "$.v" }');
  assert.equal(await replayLetter(desk.buffer.tools, id, { edit, sources }), 1);
  const [row] = await desk.rows(LINE.id);
  assert.equal(decodeRow(MQTT, row?.bytes ?? new Uint8Array()).value, 4);
});

Deno.test("replayLetter() mends a reading that lacked a column, and takes it as it is once nobody asks for the column", async () => {
  await using desk = await Desk.open();
  const [first, second] = [
    await desk.refusedReading(() => ({ topic: "oven/t", value: 1 })),
    await desk.refusedReading(() => ({ topic: "oven/t", value: 2 })),
  ];
  const strict = await sourcesWith("{}", "unit");
  await assert.rejects(replayLetter(desk.buffer.tools, first, { edit: undefined, sources: strict }), /unit is empty/);
  await replayLetter(desk.buffer.tools, first, { edit: { set: { unit: "degC" } }, sources: strict });
  await replayLetter(desk.buffer.tools, second, { edit: undefined, sources: await sourcesWith("{}") });
  const rows = (await desk.rows(LINE.id)).map(({ bytes }) => decodeRow(MQTT, bytes));
  assert.deepEqual(rows.map(({ value, unit }) => [value, unit]), [[1, "degC"], [2, undefined]]);
  assertBalanced(desk, 2);
});

interface Refused {
  readonly why: string;
  readonly code: string;
  readonly says: RegExp;
  readonly letter: (desk: Desk) => Promise<number>;
  readonly edit?: { set: Record<string, string> } | { payload: Uint8Array };
}

const set = (name: string, text: string) => ({ set: { [name]: text } });
const aRow = (desk: Desk) => desk.refusedRow({ value: 1 });
const REFUSED: readonly Refused[] = [
  {
    why: "that still cannot be decoded",
    code: "mqtt_not_json",
    says: /^Dead letter 1 stays, since it cannot be decoded now either: Payload of topic oven\/t is not JSON/,
    letter: (desk) => desk.refusedMessage("hot"),
  },
  {
    why: "whose source is not configured any more",
    code: "source_unknown",
    says: /its source attic is not configured any more: configure it again/,
    letter: (desk) => desk.refusedMessage("1", {}, "attic"),
  },
  {
    why: "of a protocol whose messages mean nothing by themselves",
    code: "not_decodable",
    says: /what modbus sources read is no message by itself\. Only the device can say it again; purge/,
    letter: (desk) => desk.refusedMessage("1", {}, "plc"),
  },
  {
    why: "of which only the beginning was kept",
    code: "letter_cut",
    says: /only the beginning of its content was kept\. Only the device/,
    letter: (desk) => desk.refusedMessage("1", { isCut: true }),
  },
  {
    why: "that holds a reading in words",
    code: "no_message",
    says: /its reading is kept in words/,
    letter: (desk) => desk.refusedReading(() => assert.fail("out of range")),
    edit: { payload: bytesOf("1") },
  },
  {
    why: "that holds too large a row",
    code: "no_message",
    says: /it holds the beginning of a row that is too large/,
    letter: (desk) => desk.refusedReading(() => ({ payload: new Uint8Array(20_000) })),
    edit: set("topic", "a"),
  },
  {
    why: "that holds a message, by columns",
    code: "letter_edit",
    says: /it holds a message and no row: change its payload/,
    letter: (desk) => desk.refusedMessage("1"),
    edit: set("value", "1"),
  },
  {
    why: "whose rows this version does not know, changed",
    code: "unknown_message",
    says: /this version knows no rows FutureRecord: start the version that made it/,
    letter: (desk) => desk.refusedRow({ value: 1 }, laneTo("main.bronze.meters", "FutureRecord")),
    edit: set("value", "1"),
  },
  {
    why: "that holds a row, by its payload",
    code: "letter_edit",
    says: /it holds a row and no message: change its columns/,
    letter: aRow,
    edit: { payload: bytesOf("1") },
  },
  {
    why: "with a text that its column does not take",
    code: "letter_edit",
    says: /^Column slave_id takes a whole number from .*, and "1\.5" is none$/,
    letter: aRow,
    edit: set("slave_id", "1.5"),
  },
  {
    why: "with a column that its rows do not have",
    code: "letter_edit",
    says: /^Rows of ModbusBronzeRecord have no column sensor_nam; did you mean sensor_name\?$/,
    letter: aRow,
    edit: set("sensor_nam", "a"),
  },
  ...["edge_id", "boot_epoch", "seq", "ingest_time"].map((name) => ({
    why: `with another ${name}`,
    code: "letter_edit",
    says: new RegExp(`^Column ${name} cannot be set: a changed row gets`),
    letter: aRow,
    edit: set(name, "1"),
  })),
];

for (const { why, code, says, letter, edit } of REFUSED) {
  Deno.test(`replayLetter() refuses a letter ${why}, and the letter stays`, async () => {
    await using desk = await Desk.open();
    const id = await letter(desk);
    const sources = await sourcesWith("{ format: json }");
    await assert.rejects(replayLetter(desk.buffer.tools, id, { edit, sources }), { code, message: says });
    assert.deepEqual(await desk.letterIds(), [id]);
    assert.ok(desk.buffer.ledger().balanced);
  });
}

Deno.test("replayLetter() refuses a letter that is not there", async () => {
  await using desk = await Desk.open();
  const options = { edit: undefined, sources: await sourcesWith("{}") };
  await assert.rejects(replayLetter(desk.buffer.tools, 9, options), { code: "no_dead_letter" });
});

Deno.test("replayLetter() refuses a message of which no reading comes, and the letter stays", async () => {
  await using desk = await Desk.open();
  const id = await desk.refusedMessage("1");
  const { config, sources } = await sourcesWith("{}");
  const silent = sources.map((entry) => ({ ...entry, spec: { ...entry.spec, decodeAgain: () => () => [] } }));
  const options = { edit: undefined, sources: { config, sources: silent } };
  await assert.rejects(replayLetter(desk.buffer.tools, id, options), { code: "nothing_decoded" });
  assert.deepEqual(await desk.letterIds(), [id]);
});
