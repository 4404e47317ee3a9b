import assert from "node:assert/strict";
import fc from "fast-check";
import { type MetricInput, sparkplugPayload, sparkplugTemplate } from "../../../../tests/fakes/sparkplug_payload.ts";
import {
  ARRIVED_US,
  type Line,
  shortOf as short,
  sparkplugPlant as plant,
} from "../../../../tests/fakes/sparkplug_plant.ts";
import { DecodeError } from "../../../core/error.ts";
import { readPayload } from "./payload.ts";

/** Milliseconds since 1970-01-01 UTC. */
const T0 = 1_700_000_000_000;
const INT32 = 3;
const DOUBLE = 10;

const bdSeq = (int: number): MetricInput => ({ name: "bdSeq", type: 4, long: int });
const SPEED: MetricInput = { name: "speed", alias: 1, type: INT32, int: 5, properties: { engUnit: "rpm" } };
const NODE = { metrics: [bdSeq(0), SPEED], seq: 0, ms: T0 + 1000 };
const DEVICE = { metrics: [{ name: "heat", alias: 2, type: DOUBLE, double: 1.5 }], seq: 1, ms: T0 + 2000 };

Deno.test("a birth gives a row that says online, and one for each metric with its type and unit", () => {
  const { take } = plant();
  const { readings, refusal } = take("g/NBIRTH/n", NODE);
  assert.equal(refusal, undefined);
  assert.deepEqual(short(readings), [["n", "online", undefined], ["bdSeq", 0, undefined], ["speed", 5, undefined]]);
  assert.deepEqual(readings.map(({ tag }) => tag), ["spBv1.0/g/n", "spBv1.0/g/n:bdSeq", "spBv1.0/g/n:speed"]);
  const speed = readings[2]!;
  assert.deepEqual([speed.from.topic, speed.from.unit, speed.sparkplug?.valueType], [
    "spBv1.0/g/NBIRTH/n",
    "rpm",
    "Int32",
  ]);
});

Deno.test("data by alias have name, type and unit of the birth, and their own time before that of the message", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  const metrics = [{ alias: 1, int: 0xffffffff, ms: T0 + 4000 }, { alias: 1, int: 6 }];
  const { readings } = take("g/NDATA/n", { metrics, seq: 1, ms: T0 + 5000 });
  assert.deepEqual(short(readings), [["speed", -1, undefined], ["speed", 6, undefined]]);
  assert.deepEqual(readings.map(({ eventTimeUs }) => eventTimeUs), [(T0 + 4000) * 1000, (T0 + 5000) * 1000]);
  assert.deepEqual(new Set(readings.map(({ from }) => from)).size, 1, "data of one metric share a tag");
  assert.deepEqual([readings[0]?.from.unit, readings[0]?.timestampMs], ["rpm", T0 + 4000]);
});

Deno.test("a value without any time has that of its arrival, and none in timestamp_ms", () => {
  const { take } = plant();
  const { readings: [reading] } = take("g/NDATA/n", { metrics: [{ name: "a", type: DOUBLE, double: 1 }] });
  assert.deepEqual([reading?.eventTimeUs, reading?.timestampMs], [ARRIVED_US, undefined]);
});

Deno.test("a time before the year 2000 is that of a clock nobody set, and taken as none: of a metric, its template or the message", () => {
  const { take } = plant();
  const last = Date.UTC(2000, 0) - 1;
  const template = sparkplugTemplate([{ name: "m", type: INT32, int: 1, ms: 0 }]);
  const metrics = [
    { name: "a", type: INT32, int: 1, ms: 0 },
    { name: "b", type: INT32, int: 1, ms: last },
    { name: "c", type: INT32, int: 1, ms: last + 1 },
    { name: "t", type: 19, template, ms: T0 + 1 },
  ];
  const timesOf = (ms: number) => take("g/NBIRTH/n", { metrics, ms }).readings.map(({ timestampMs }) => timestampMs);
  assert.deepEqual(timesOf(T0), [T0, T0, T0, last + 1, T0 + 1]);
  assert.deepEqual(timesOf(0), [undefined, undefined, undefined, last + 1, T0 + 1]);
  assert.ok(
    take("g/NDATA/n", { metrics: metrics.slice(0, 2) }).readings.every((row) => row.eventTimeUs === ARRIVED_US),
  );
  const [offline] = take("g/DDEATH/n/d", { ms: 0 }).readings;
  assert.deepEqual([offline?.eventTimeUs, offline?.timestampMs], [ARRIVED_US, undefined]);
});

Deno.test("a historical value of a time before the year 2000 is refused as one without a time", () => {
  const { readings, refusal } = plant().take("g/NDATA/n", {
    metrics: [{ name: "a", type: INT32, int: 1, isHistorical: true, ms: 0 }],
    ms: T0,
  });
  assert.deepEqual(readings, []);
  assert.match(refusal?.reason.message ?? "", /metric a has a historical value without a timestamp/);
});

Deno.test("a row keeps the bytes of its own metric, and not those of the whole message", () => {
  const { take } = plant();
  const { readings } = take("g/NBIRTH/n", NODE);
  const again = readings.slice(1).map(({ payload = new Uint8Array() }) => payload.length);
  assert.ok(again.every((length) => length > 0 && length < 40), String(again));
  assert.equal(readings[0]?.payload, undefined);
});

Deno.test("quality is the status; null, transient and historical are told", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  const metrics: MetricInput[] = [
    { alias: 1, int: 1, properties: { Quality: 192 } },
    { alias: 1, int: 1, properties: { Quality: 0 } },
    { alias: 1, int: 1, properties: { quality: 500 } },
    { alias: 1, int: 1, properties: { Quality: 64 } },
    { alias: 1, isNull: true, int: 9 },
    { alias: 1, int: 1, isTransient: true },
    { alias: 1, int: 1, isHistorical: true, ms: T0 + 3000 },
  ];
  const { readings } = take("g/NDATA/n", { metrics, seq: 1, ms: T0 + 9000 });
  assert.deepEqual(readings.map(({ sparkplug }) => sparkplug?.status), [
    ...["Good", "Bad", "Stale", "64"],
    ...[undefined, undefined, undefined],
  ]);
  assert.deepEqual(readings.map(({ value }) => value), [1, 1, 1, 1, undefined, 1, 1]);
  assert.deepEqual(readings.map(({ sparkplug }) => sparkplug?.isTransient), [...Array(5).fill(false), true, false]);
  assert.deepEqual(readings.map(({ sparkplug }) => sparkplug?.isHistorical), [...Array(6).fill(false), true]);
  assert.equal(readings.at(-1)?.eventTimeUs, (T0 + 3000) * 1000);
});

Deno.test("a historical value without a time of its own is refused, so that it never looks like a fresh one", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  const { readings, refusal } = take("g/NDATA/n", {
    metrics: [{ alias: 1, int: 1, isHistorical: true }],
    seq: 1,
    ms: T0 + 9000,
  });
  assert.deepEqual(readings, []);
  assert.match(refusal?.reason.message ?? "", /NDATA\/n .* alias 1 has a historical value without a timestamp/);
});

Deno.test("a template becomes rows of its members, also in data where it comes by its alias, and a definition none", () => {
  const { take } = plant();
  const drive = sparkplugTemplate([{ name: "on", type: 11, boolean: true }]);
  const motor = sparkplugTemplate([{ name: "speed", type: INT32, int: 0xfffffff9 }, {
    name: "drive",
    type: 19,
    template: drive,
  }]);
  const definition = sparkplugTemplate([{ name: "speed", type: INT32 }], true);
  const born = take("g/NBIRTH/n", {
    metrics: [{ name: "_types_/Motor", type: 19, template: definition }, {
      name: "M1",
      alias: 9,
      type: 19,
      template: motor,
    }],
    seq: 0,
  });
  assert.deepEqual(short(born.readings).slice(1), [["M1/speed", -7, undefined], ["M1/drive/on", "true", undefined]]);
  const changed = sparkplugTemplate([{ name: "speed", int: 0xfffffff8 }]);
  const { readings } = take("g/NDATA/n", { metrics: [{ alias: 9, template: changed, ms: T0 + 7 }], seq: 1 });
  assert.deepEqual(short(readings), [["M1/speed", -8, undefined]]);
  assert.equal(readings[0]?.timestampMs, T0 + 7);
});

Deno.test("templates within each other beyond 16 are refused", () => {
  const { take } = plant();
  let template = sparkplugTemplate([{ name: "end", type: INT32, int: 1 }]);
  for (let depth = 0; depth < 20; depth++) template = sparkplugTemplate([{ name: "t", type: 19, template }]);
  assert.match(
    take("g/NBIRTH/n", { metrics: [{ name: "t", type: 19, template }] }).refusal?.reason.message ?? "",
    /16 deep/,
  );
});

Deno.test("an unknown alias is refused with its metric alone, and the births are asked for", () => {
  const { take, asked, counted } = plant();
  take("g/NBIRTH/n", NODE);
  const metrics = [{ alias: 1, int: 1 }, { alias: 77, int: 2 }, { alias: 78, int: 3 }];
  const { readings, refusal } = take("g/NDATA/n", { metrics, seq: 1, ms: T0 + 9000 });
  assert.deepEqual(short(readings), [["speed", 1, undefined]]);
  assert.match(
    refusal?.reason.message ?? "",
    /what the metric with alias 77 is \(and 1 more metrics\).*rebirth_requests/,
  );
  assert.equal(refusal?.reason.code, "sparkplug_no_birth");
  const kept = readPayload(refusal!.payload, 10);
  assert.deepEqual([kept.metrics.map(({ alias }) => alias), kept.timestampMs, kept.seq], [[77, 78], T0 + 9000, 1]);
  assert.deepEqual([asked, counted()], [["g/n"], ["sparkplug_no_birth"]]);
});

Deno.test("data before any birth are rows where they give name and type, and dead letters where they do not", () => {
  const { take, asked, counted } = plant();
  const metrics = [{ name: "a", type: INT32, int: 1 }, { name: "b", int: 255 }, { alias: 3, double: 1 }];
  const { readings, refusal } = take("g/DDATA/n/d", { metrics, seq: 9 });
  assert.deepEqual(short(readings), [["a", 1, undefined]]);
  assert.match(refusal?.reason.message ?? "", /metric b has a whole number of unknown type.* \(and 1 more metrics\)/);
  assert.deepEqual([asked, counted()], [["g/n"], ["sparkplug_no_birth"]]);
});

Deno.test("a metric of another type than its birth said is refused where only the alias names it", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  const { refusal } = take("g/NDATA/n", { metrics: [{ alias: 1, type: DOUBLE, double: 1 }], seq: 1 });
  assert.match(refusal?.reason.message ?? "", /type Double, and its birth said Int32/);
});

Deno.test("an alias that a birth gave to two metrics names neither, and a birth that is sent twice is none such", () => {
  const { take } = plant();
  const twins = [SPEED, { ...SPEED, name: "torque" }, { ...SPEED, name: "load", alias: 2 }];
  for (const seq of [0, 1]) take("g/NBIRTH/n", { metrics: twins, seq });
  const metrics = [{ alias: 1, int: 1 }, { name: "torque", int: 2 }, { alias: 2, int: 3 }];
  const { readings, refusal } = take("g/NDATA/n", { metrics, seq: 2 });
  assert.deepEqual(short(readings), [["torque", 2, undefined], ["load", 3, undefined]]);
  assert.match(refusal?.reason.message ?? "", /alias 1 has an alias that its birth gave to more than one metric/);
});

Deno.test("a gap in the numbers is counted once, and rows by alias are Unconfirmed until the births come", () => {
  const { take, asked, counted } = plant();
  take("g/NBIRTH/n", NODE);
  take("g/DBIRTH/n/d", DEVICE);
  const data = (seq: number) =>
    take("g/NDATA/n", { metrics: [{ alias: 1, int: 1 }, { name: "speed", int: 2 }], seq }).readings;
  assert.deepEqual(short(data(3)), [["speed", 1, "Unconfirmed"], ["speed", 2, undefined]]);
  assert.deepEqual(short(data(4))[0], ["speed", 1, "Unconfirmed"]);
  const heat = (seq: number) => take("g/DDATA/n/d", { metrics: [{ alias: 2, double: 1 }], seq }).readings;
  assert.deepEqual(short(heat(5)), [["heat", 1, "Unconfirmed"]]);
  assert.equal(asked.length, 3);
  take("g/NBIRTH/n", NODE);
  assert.deepEqual(short(heat(1)), [["heat", 1, "Unconfirmed"]], "the device was not born again");
  take("g/DBIRTH/n/d", { ...DEVICE, seq: 2 });
  assert.deepEqual([...short(data(3)), ...short(heat(4))].map(([, , status]) => status), [
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(counted(), ["sparkplug_gap"]);
});

Deno.test("Bad stays Bad where the name is not confirmed", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  const metrics = [0, 192].map((Quality) => ({ alias: 1, int: 1, properties: { Quality } }));
  assert.deepEqual(short(take("g/NDATA/n", { metrics, seq: 7 }).readings).map(([, , status]) => status), [
    "Bad",
    "Unconfirmed",
  ]);
});

Deno.test("the number after 255 is 0, and a message that the broker repeats is no gap", () => {
  const { take, counted } = plant();
  take("g/NBIRTH/n", { ...NODE, seq: 254 });
  const data = (seq: number, line?: Line) => take("g/NDATA/n", { metrics: [{ alias: 1, int: 1 }], seq }, line);
  for (const seq of [255, 0, 1]) data(seq);
  data(0, { isRedelivered: true });
  data(2, { isRedelivered: true }); // repeated by the broker, and new to us
  data(3);
  assert.deepEqual(counted(), []);
});

Deno.test("a device that dies gives one row that says so, and one without a value for each of its metrics", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  take("g/DBIRTH/n/d", DEVICE);
  const { readings } = take("g/DDEATH/n/d", { seq: 2, ms: T0 + 3000 });
  assert.deepEqual(short(readings), [["d", "offline", "Stale"], ["heat", null, "Stale"]]);
  assert.deepEqual(readings.map(({ eventTimeUs }) => eventTimeUs), Array(2).fill((T0 + 3000) * 1000));
  assert.deepEqual(
    short(take("g/DDEATH/n/d", { seq: 3, ms: T0 + 4000 }).readings),
    [["d", "offline", "Stale"]],
    "once",
  );
});

Deno.test("a node that dies takes its devices with it, at the time of arrival, since its will was written when it connected", () => {
  const { take, nodes } = plant();
  take("g/NBIRTH/n", NODE);
  take("g/DBIRTH/n/d", DEVICE);
  const { readings } = take("g/NDEATH/n", { metrics: [bdSeq(0)], ms: T0 + 1 });
  assert.deepEqual(readings.map(({ from: { topic, sensorName } }) => `${topic} ${sensorName}`), [
    "spBv1.0/g/NDEATH/n n",
    "spBv1.0/g/NDEATH/n bdSeq",
    "spBv1.0/g/NDEATH/n speed",
    "spBv1.0/g/DDEATH/n/d d",
    "spBv1.0/g/DDEATH/n/d heat",
  ]);
  assert.ok(
    readings.every(({ eventTimeUs, value, sparkplug }) =>
      eventTimeUs === ARRIVED_US && value === undefined && sparkplug?.status === "Stale"
    ),
  );
  assert.deepEqual([nodes.get("g/n"), nodes.metrics], [undefined, 0]);
});

Deno.test("the death of an earlier session of the node is left out, and that of a later one counts", () => {
  const { take, counted } = plant();
  const born = (number: number) => take("g/NBIRTH/n", { metrics: [bdSeq(number), SPEED], seq: 0 });
  const death = (number: number) => take("g/NDEATH/n", { metrics: [bdSeq(number)] }).readings.length;
  born(1);
  assert.equal(death(0), 0);
  born(0);
  assert.equal(death(255), 0);
  assert.equal(death(1), 3, "a birth was missed");
  assert.deepEqual(counted(), ["sparkplug_old_death", "sparkplug_old_death"]);
});

Deno.test("a node born in another session without a death has dead devices; asked to be born again it has not", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  take("g/DBIRTH/n/d", DEVICE);
  assert.deepEqual(short(take("g/NBIRTH/n", NODE).readings).slice(0, 1), [["n", "online", undefined]]);
  const { readings } = take("g/NBIRTH/n", { metrics: [bdSeq(1), SPEED], seq: 0 });
  assert.deepEqual(short(readings).slice(0, 3), [["d", "offline", "Stale"], ["heat", null, "Stale"], [
    "n",
    "online",
    undefined,
  ]]);
});

Deno.test("a metric that a new birth does not have any more is stale", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  const { readings } = take("g/NBIRTH/n", { metrics: [bdSeq(0)], seq: 0, ms: T0 + 1000 });
  assert.deepEqual(short(readings), [["n", "online", undefined], ["speed", null, "Stale"], ["bdSeq", 0, undefined]]);
});

Deno.test("a new birth gives aliases to other metrics, and the old ones are forgotten", () => {
  const { take } = plant();
  take("g/NBIRTH/n", NODE);
  take("g/NBIRTH/n", {
    metrics: [bdSeq(1), { ...SPEED, alias: 8 }, { name: "load", alias: 1, type: DOUBLE, double: 0 }],
    seq: 0,
  });
  const { readings } = take("g/NDATA/n", { metrics: [{ alias: 1, double: 0.5 }, { alias: 8, int: 3 }], seq: 1 });
  assert.deepEqual(short(readings), [["load", 0.5, undefined], ["speed", 3, undefined]]);
});

for (const [name, limits] of Object.entries({ "nodes": { maxNodes: 1 }, "metrics": { maxMetrics: 3 } })) {
  Deno.test(`a birth beyond the limit of ${name} gives its rows and is not kept, with a word that says so`, () => {
    const { take, events, nodes } = plant(limits);
    take("g/NBIRTH/n", NODE);
    const { readings } = take("g/NBIRTH/m", NODE);
    assert.equal(readings.length, 3);
    assert.equal(nodes.get("g/m"), undefined);
    const failed = events.flatMap((event) => event.kind === "tag_failed" ? [`${event.tag} ${event.reason}`] : []);
    assert.match(
      failed.join(),
      /^g\/m its birth is not kept, as sparkplug.max_nodes or sparkplug.max_metrics is reached/,
    );
    take("g/NDEATH/n", { metrics: [bdSeq(0)] });
    take("g/NBIRTH/m", NODE);
    assert.ok(nodes.get("g/m"), "there is room again");
  });
}

Deno.test("births without end leave no more in memory than the newest", () => {
  const { take, nodes } = plant();
  for (let i = 0; i < 1000; i++) {
    take("g/NBIRTH/n", { metrics: [bdSeq(i % 256), SPEED], seq: 0 });
    take("g/DBIRTH/n/d", DEVICE);
  }
  assert.equal(nodes.metrics, 3);
});

Deno.test("commands of others are no readings, and the state of a host is its text", () => {
  const { take, takeBytes } = plant();
  assert.deepEqual(take("g/NCMD/n", { metrics: [{ name: "speed", type: INT32, int: 1 }] }), { readings: [] });
  const { readings: [state] } = takeBytes("spBv1.0/STATE/scada", new TextEncoder().encode('{"online":true}'));
  assert.deepEqual([state?.from.sensorName, state?.text], ["scada", '{"online":true}']);
});

Deno.test("names too long for the number of their metrics are refused before they fill the memory", () => {
  const { take } = plant({ maxMetrics: 100_000 });
  const template = sparkplugTemplate(Array(20_000).fill({ name: "a", type: INT32, int: 1 }));
  const { refusal } = take("g/NBIRTH/n", { metrics: [{ name: "x".repeat(50_000), type: 19, template }] });
  assert.match(refusal?.reason.message ?? "", /more text than one message may become/);
});

const NO_SPARKPLUG: readonly (readonly [name: string, topic: string, payload: Uint8Array, reason: RegExp])[] = [
  ["a topic of others", "plant/oven", new Uint8Array(), /plant\/oven is no topic of Sparkplug B.*payload\.format/],
  ["text", "spBv1.0/g/NDATA/n", new TextEncoder().encode("hello"), /NDATA\/n is no Sparkplug B/],
  [
    "too many metrics",
    "spBv1.0/g/NDATA/n",
    sparkplugPayload({ metrics: Array(1001).fill({}) }),
    /1000 metrics \(sparkplug.max_metrics\)/,
  ],
];

for (const [name, topic, payload, reason] of NO_SPARKPLUG) {
  Deno.test(`a message that is none of Sparkplug is refused as a whole: ${name}`, () => {
    assert.throws(() => plant().takeBytes(topic, payload), (error) => {
      assert.ok(error instanceof DecodeError);
      assert.match(error.message, reason);
      return true;
    });
  });
}

Deno.test("whatever bytes come, they are rows or a refusal", () => {
  const { take, takeBytes } = plant();
  take("g/NBIRTH/n", NODE);
  const good = sparkplugPayload({ metrics: [{ alias: 1, int: 1 }, SPEED], seq: 1, ms: T0 + 1 });
  const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte));
  const topics = fc.constantFrom("NBIRTH", "NDATA", "NDEATH").map((type) => `spBv1.0/g/${type}/n`);
  fc.assert(
    fc.property(topics, fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (topic, payload) => {
      try {
        takeBytes(topic, payload);
      } catch (error) {
        assert.ok(error instanceof DecodeError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
