import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeMessage } from "./decode.ts";
import type { z } from "zod";
import { type payloadSettings } from "./payload_settings.ts";
import { mqttSettings } from "./settings.ts";
import { TopicRules } from "./topic_rules.ts";

type PayloadInput = z.input<typeof payloadSettings>;

const ARRIVED_US = 1_700_000_000_000_000;
const TOPIC = "plant/oven/temperature";

interface Limits {
  readonly maxPayloadBytes?: number;
  readonly topic?: string | undefined;
}

function decode(
  payload: string | Uint8Array,
  settings: PayloadInput = {},
  { maxPayloadBytes = 1_000_000, topic = TOPIC }: Limits = {},
) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const rules = new TopicRules(mqttSettings.parse({ topics: [{ topic: "#", payload: settings }] }));
  const message = {
    topic,
    payload: bytes,
    payloadBytes: bytes.length,
    qos: 1,
    isRetained: false,
    isRedelivered: false,
    packetId: 1,
  };
  const { readings, refusal } = decodeMessage(message, {
    rule: rules.of(topic),
    arrivedUs: ARRIVED_US,
    maxPayloadBytes,
  });
  return { readings, reading: readings?.[0], refusal };
}

interface ValueCase {
  readonly payload: string | Uint8Array;
  readonly settings?: PayloadInput;
  readonly value?: number;
  readonly text?: string;
}

const VALUES: Readonly<Record<string, ValueCase>> = {
  "a number": { payload: "21.5", value: 21.5 },
  "a number among blanks": { payload: " -3e2\n", value: -300 },
  "a serial number with leading zeros as text": { payload: "00123", text: "00123" },
  "a JSON string of digits as text": { payload: '{"v":"0042"}', settings: { value: "$.v" }, text: "0042" },
  "text that begins like a number": { payload: "12 bar", text: "12 bar" },
  "true as text": { payload: "true", text: "true" },
  "an object as it was written": { payload: '{ "v": 1 }', text: '{ "v": 1 }' },
  "an array in auto as text": { payload: "[1, 2]", text: "[1, 2]" },
  "an empty payload": { payload: "", text: "" },
  "bytes that are no text as base64": { payload: Uint8Array.of(0xff, 0xfe), text: "//4=" },
  "any bytes in format binary": { payload: Uint8Array.of(0, 0xff), settings: { format: "binary" }, text: "AP8=" },
  "text in format binary": { payload: "42", settings: { format: "binary" }, text: "NDI=" },
  "a mapped number": { payload: '{"a":{"b":[7]}}', settings: { value: "$.a.b[0]" }, value: 7 },
  "a mapped boolean": { payload: '{"v":false}', settings: { value: "$.v" }, text: "false" },
  "a mapped object as JSON": { payload: '{"v":{"x":1}}', settings: { value: "$.v" }, text: '{"x":1}' },
  "a mapped null as neither": { payload: '{"v":null}', settings: { value: "$.v" } },
  "a member with a blank in its name": { payload: '{"a b":1}', settings: { value: "$['a b']" }, value: 1 },
  "a whole number that no double is, with its digits": {
    payload: "9007199254740993",
    value: 9_007_199_254_740_992,
    text: "9007199254740993",
  },
  "a mapped number that no double is, with its digits": {
    payload: '{"v":18446744073709551615}',
    settings: { value: "$.v" },
    value: 18_446_744_073_709_552_000,
    text: "18446744073709551615",
  },
  "a number beyond all doubles as text": { payload: "1e999", text: "1e999" },
  "an object with the digits of its numbers": {
    payload: '{"v":{"x": 9007199254740993}}',
    settings: { value: "$.v" },
    text: '{"x":9007199254740993}',
  },
  "a value though what describes it is missing": {
    payload: '{"v":1}',
    settings: { value: "$.v", unit: "$.u" },
    value: 1,
  },
  "digits in format text": { payload: "42", settings: { format: "text" }, text: "42" },
  "a string in format json": { payload: '"on"', settings: { format: "json" }, text: "on" },
  "text where auto has paths": { payload: "offline", settings: { value: "$.v" }, text: "offline" },
};

for (const [name, { payload, settings, value, text }] of Object.entries(VALUES)) {
  Deno.test(`decodeMessage() reads ${name}`, () => {
    const { reading } = decode(payload, settings);
    assert.deepEqual({ value: reading?.value, text: reading?.text }, { value, text });
  });
}

const REFUSALS: Readonly<Record<string, { payload: string | Uint8Array; settings: PayloadInput; reason: RegExp }>> = {
  "text where JSON is expected": {
    payload: "hot",
    settings: { format: "json" },
    reason: /oven\/temperature is not JSON/,
  },
  "a path that is missing": {
    payload: '{"w":1}',
    settings: { value: "$.v[0]" },
    reason: /nothing at \$\.v\[0\].*payload\.value/,
  },
  "an inherited member": { payload: '{"w":1}', settings: { value: "$.constructor" }, reason: /nothing at/ },
  "bytes where text is expected": {
    payload: Uint8Array.of(0xc3, 0x28),
    settings: { format: "text" },
    reason: /is not UTF-8 text/,
  },
  "a timestamp of another format": {
    payload: '{"t":"yesterday"}',
    settings: { timestamp: "$.t" },
    reason: /"yesterday", which is not unix_ms/,
  },
  "a timestamp in another unit": {
    payload: '{"v":1,"t":1700000000}',
    settings: { value: "$.v", timestamp: "$.t" },
    reason: /the timestamp 1700000000, which is 1970-01-20\S+ as unix_ms, .* as unix_s it would be 2023-11-14.*format$/,
  },
  "a payload over the limit": {
    payload: "x".repeat(1001),
    settings: {},
    reason: /has 1001 bytes and at most 1000.*max_payload_kb/,
  },
};

for (const [name, { payload, settings, reason }] of Object.entries(REFUSALS)) {
  Deno.test(`decodeMessage() refuses ${name}, and says what to do`, () => {
    const { refusal } = decode(payload, settings, { maxPayloadBytes: 1000 });
    assert.match(refusal?.reason.message ?? "", reason);
    assert.equal(refusal?.tag, TOPIC);
  });
}

Deno.test("decodeMessage() says of a refused payload whether it is whole", () => {
  assert.equal(decode("x".repeat(1001), {}, { maxPayloadBytes: 1000 }).refusal?.isCut, undefined);
  const { refusal } = decode("x".repeat(65_537), {}, { maxPayloadBytes: 1000 });
  assert.deepEqual([refusal?.payload.length, refusal?.isCut], [65_536, true]);
});

Deno.test("decodeMessage() never throws, whatever the bytes", () => {
  const formats = fc.constantFrom("auto" as const, "json" as const, "text" as const);
  const payloads = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json().map((text) => new TextEncoder().encode(text)));
  fc.assert(fc.property(payloads, formats, fc.boolean(), (payload, format, isMapped) => {
    const paths = isMapped && format !== "text" ? { value: "$.a", timestamp: "$[0]", unit: "$.b" } : {};
    const { reading, refusal } = decode(payload, { format, ...paths });
    assert.equal((reading === undefined) !== (refusal === undefined), true);
  }));
});

Deno.test("decodeMessage() takes time, unit and name from the payload, and the tag with the name", () => {
  const { reading } = decode('{"v":1,"t":1700000000123,"u":"degC","n":"zone 2"}', {
    value: "$.v",
    timestamp: "$.t",
    unit: "$.u",
    sensor_name: "$.n",
  });
  assert.equal(reading?.eventTimeUs, 1_700_000_000_123_000);
  assert.equal(reading?.timestampMs, 1_700_000_000_123);
  assert.equal(reading?.tag, `${TOPIC}:zone 2`);
  assert.deepEqual({ unit: reading?.from.unit, name: reading?.from.sensorName }, { unit: "degC", name: "zone 2" });
});

Deno.test("decodeMessage() names a sensor after a level of its topic, by default the last", () => {
  assert.equal(decode("1").reading?.from.sensorName, "temperature");
  assert.equal(decode("1", { sensor_name: "{topic[0]}.{topic[1]}" }).reading?.from.sensorName, "plant.oven");
  assert.equal(decode("1", { sensor_name: "{topic[-2]}" }).reading?.from.sensorName, "oven");
});

Deno.test("decodeMessage() leaves the device's time unknown where the payload has none", () => {
  const { reading } = decode("1");
  assert.equal(reading?.timestampMs, undefined);
  assert.equal(reading?.eventTimeUs, ARRIVED_US);
});

/** JSON of `depth` objects, one in the other. */
function nested(depth: number): string {
  return '{"0":'.repeat(depth) + "1" + "}".repeat(depth);
}

Deno.test("decodeMessage() refuses JSON that is nested more than 200 deep, and takes it as text in auto", () => {
  const settings = { format: "json", value: "$.v" } as const;
  const deep = `{"v":${nested(20_000)}}`;
  const { refusal } = decode(deep, settings);
  assert.equal(refusal?.reason.code, "mqtt_too_deep");
  assert.match(refusal?.reason.message ?? "", /oven\/temperature is nested more than 200 deep/);
  assert.equal(decode(deep, { value: "$.v" }).reading?.text, deep);
  assert.equal(decode(`{"v":${nested(199)}}`, settings).reading?.text, nested(199));
  assert.equal(decode(`{"v":${nested(200)}}`, settings).refusal?.reason.code, "mqtt_too_deep");
});

Deno.test("decodeMessage() makes a refusal of whatever error a message causes", () => {
  const rules = new TopicRules(mqttSettings.parse({ topics: [{ topic: "plant/#" }] }));
  const rule = {
    ...rules.of(TOPIC),
    get timestamp(): never {
      throw new RangeError("out of something");
    },
  };
  const payload = new TextEncoder().encode('{"v":1}');
  const message = {
    topic: TOPIC,
    payload,
    payloadBytes: 7,
    qos: 1,
    isRetained: false,
    isRedelivered: false,
    packetId: 1,
  };
  const { refusal } = decodeMessage(message, { rule, arrivedUs: ARRIVED_US, maxPayloadBytes: 1000 });
  assert.equal(refusal?.reason.code, "mqtt_undecodable");
  assert.match(refusal?.reason.message ?? "", /oven\/temperature cannot be decoded: out of something/);
  assert.deepEqual(refusal?.payload, payload);
});

type Row = readonly [name: string, value: number | string | undefined, unit: string | undefined, us: number];

const ROWS: Readonly<Record<string, { payload: string; settings: PayloadInput; rows: readonly Row[] }>> = {
  "an array of objects, with what the document says of all": {
    payload: '{"ts":1700000000005,"u":"bar","list":[{"n":"a","v":1},{"n":"b","v":"x"}]}',
    settings: { rows: "$.list", value: "@.v", sensor_name: "@.n", timestamp: "$.ts", unit: "$.u" },
    rows: [["a", 1, "bar", ARRIVED_US + 5000], ["b", "x", "bar", ARRIVED_US + 5000]],
  },
  "an array of numbers, each the value": {
    payload: "[1,2]",
    settings: { rows: "$" },
    rows: [["temperature", 1, undefined, ARRIVED_US], ["temperature", 2, undefined, ARRIVED_US]],
  },
  "members of an object, each named after its key": {
    payload: '{"d":{"temp":21.5,"door":"open"}}',
    settings: { format: "json", rows: "$.d", unit: "K" },
    rows: [["temp", 21.5, "K", ARRIVED_US], ["door", "open", "K", ARRIVED_US]],
  },
  "members with times of their own": {
    payload: '[{"t":1700000000001,"v":7},{"t":1700000000002,"v":8}]',
    settings: { rows: "$", value: "@.v", timestamp: "@.t", sensor_name: "{topic[1]}" },
    rows: [["oven", 7, undefined, ARRIVED_US + 1000], ["oven", 8, undefined, ARRIVED_US + 2000]],
  },
  "no row of an empty array": { payload: "[]", settings: { rows: "$" }, rows: [] },
  "one row of text where auto has rows": {
    payload: "offline",
    settings: { rows: "$.list" },
    rows: [["temperature", "offline", undefined, ARRIVED_US]],
  },
};

for (const [name, { payload, settings, rows }] of Object.entries(ROWS)) {
  Deno.test(`decodeMessage() reads rows: ${name}`, () => {
    const { readings, refusal } = decode(payload, settings);
    assert.equal(refusal, undefined);
    const seen = readings?.map((
      { from, value, text, eventTimeUs },
    ) => [from.sensorName, value ?? text, from.unit, eventTimeUs]);
    assert.deepEqual(seen, rows);
  });
}

Deno.test("decodeMessage() gives each row its own part of the payload", () => {
  const { readings } = decode('{"list":[{"v":1},{"v":2}]}', { rows: "$.list", value: "@.v" });
  const payloads = readings?.map(({ payload }) => new TextDecoder().decode(payload));
  assert.deepEqual(payloads, ['{"v":1}', '{"v":2}']);
});

const REFUSED_ROWS: Readonly<Record<string, { payload: string; settings: PayloadInput; reason: RegExp }>> = {
  "one member lacks its value": {
    payload: '[{"v":1},{"w":2}]',
    settings: { rows: "$", value: "@.v" },
    reason: /has nothing at @\.v: mend the publisher, or set payload\.value/,
  },
  "the rows are not there": { payload: "{}", settings: { rows: "$.a" }, reason: /nothing at \$\.a: .*payload\.rows/ },
  "the rows are a large number": { payload: '{"a":1e999}', settings: { rows: "$.a" }, reason: /neither an array nor/ },
  "the rows are a number": { payload: '{"a":1}', settings: { rows: "$.a" }, reason: /neither an array nor an object/ },
  "there are too many": { payload: `[${"1,".repeat(10_000)}1]`, settings: { rows: "$" }, reason: /has 10001 rows and/ },
};

for (const [name, { payload, settings, reason }] of Object.entries(REFUSED_ROWS)) {
  Deno.test(`decodeMessage() refuses the whole message when ${name}`, () => {
    const { readings, refusal } = decode(payload, settings);
    assert.equal(readings, undefined);
    assert.match(refusal?.reason.message ?? "", reason);
  });
}

const LONG = "u".repeat(100_000);

const REPEATED: Readonly<Record<string, { settings: PayloadInput; text?: string; topic?: string }>> = {
  "a unit": { settings: { unit: "$.long" }, text: LONG },
  "a name": { settings: { sensor_name: "$.long" }, text: LONG },
  "a kind of sensor": { settings: { sensor_type: "$.long" }, text: LONG },
  "a value": { settings: { value: "$.long" }, text: LONG },
  "the topic": { settings: {}, topic: "t".repeat(65_000) },
};

for (const [name, { settings, text = "", topic }] of Object.entries(REPEATED)) {
  Deno.test(`decodeMessage() refuses rows that together are far more than their message, by ${name}`, () => {
    const payload = `{"list":[${"1,".repeat(9999)}1],"long":"${text}"}`;
    const { refusal } = decode(payload, { rows: "$.list", ...settings }, { topic });
    assert.match(refusal?.reason.message ?? "", /becomes rows of more than \d+ characters together: publish fewer/);
    assert.equal(refusal?.payload.length, payload.length);
  });
}

Deno.test("payload settings refuse @ without rows, and paths where there is no JSON", () => {
  const says = (payload: PayloadInput) => {
    const { error } = mqttSettings.safeParse({ topics: [{ topic: "a" }], payload });
    return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join();
  };
  assert.match(says({ value: "@.v" }) ?? "", /payload\.value: a path that begins with @ needs rows/);
  assert.match(says({ format: "binary", rows: "$.v" }) ?? "", /payload\.rows: a JSON path needs format json or auto/);
  assert.equal(says({ rows: "$.v", value: "@", unit: "@home" }), undefined);
});
