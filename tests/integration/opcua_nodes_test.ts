/** What the OPC UA source finds under browse paths, and how it reads where there is no subscription. */
import { DataType, StatusCodes } from "node-opcua-client";
import assert from "node:assert/strict";
import type { OpcuaReading } from "../../src/sources/opcua/reading.ts";
import type { AddressSpace } from "../peers/opcua_server.ts";
import { eventually } from "../wait.ts";
import { type Bench, connect, counter, numbersOf, openBench, openProxy, read } from "./opcua_bench.ts";

const AREA = "0:Root/0:Objects/1:Area";

/**
 * Area: Level; Motor: Speed, Speed again, Diagnostics: Errors; and a reference from Motor back to Area. Level has a
 * property and a component.
 */
function buildArea(space: AddressSpace): void {
  const own = space.getOwnNamespace();
  const area = own.addObject({ browseName: "Area", nodeId: "s=Area", organizedBy: space.rootFolder.objects });
  const motor = own.addObject({ browseName: "Motor", componentOf: area });
  const diagnostics = own.addObject({ browseName: "Diagnostics", organizedBy: motor });
  motor.addReference({ referenceType: "Organizes", nodeId: area.nodeId });
  const value = { dataType: DataType.Double, value: 1 };
  const add = (browseName: string, id: string, componentOf: typeof area) =>
    own.addVariable({ browseName, nodeId: `s=${id}`, componentOf, dataType: DataType.Double, value });
  const level = add("Level", "Level", area);
  own.addVariable({ browseName: "Unit", propertyOf: level, dataType: DataType.Double, value });
  own.addVariable({ browseName: "Raw", nodeId: "s=Raw", componentOf: level, dataType: DataType.Double, value });
  add("Speed", "Speed1", motor);
  add("Speed", "Speed2", motor);
  add("Errors", "Errors", diagnostics);
}

/** Tags that a browse path gives, with AREA left out. */
async function tagsUnder(bench: Bench, entry: Record<string, unknown>, count: number): Promise<string[]> {
  await using source = bench.source({ nodes: [{ browse_path: AREA, ...entry }, counter(0)] });
  await connect(source);
  const tags = new Set<string>();
  await read(source, (readings) => {
    for (const { tag } of readings) tags.add(tag);
    return tags.size > count && readings.length > count + 10; // the counter's go on, and others would have come
  });
  return [...tags].filter((tag) => tag.startsWith(AREA)).map((tag) => tag.slice(AREA.length)).sort();
}

const SPEEDS = ["/1:Motor/1:Speed#ns=1;s=Speed1", "/1:Motor/1:Speed#ns=1;s=Speed2"];
const ERRORS = "/1:Motor/1:Diagnostics/1:Errors";
const LEVELS = ["/1:Level", "/1:Level/1:Raw"];

Deno.test("OpcuaSource finds variables at every depth, each once, in circles too, and tells those of one path apart", async () => {
  await using bench = await openBench();
  buildArea(bench.server.space);
  assert.deepEqual(await tagsUnder(bench, { recursive: true }, 5), [...LEVELS, ERRORS, ...SPEEDS].sort());
  assert.deepEqual(await tagsUnder(bench, { recursive: true, depth: 2 }, 4), [...LEVELS, ...SPEEDS]);
  assert.deepEqual(await tagsUnder(bench, {}, 1), ["/1:Level"]);
  assert.deepEqual(bench.deps.events, []);
});

Deno.test("OpcuaSource reads the variables that include and exclude let through", async () => {
  await using bench = await openBench();
  buildArea(bench.server.space);
  const recursive = true;
  assert.deepEqual(await tagsUnder(bench, { recursive, exclude: "*/Diagnostics/*" }, 4), [...LEVELS, ...SPEEDS]);
  assert.deepEqual(await tagsUnder(bench, { recursive, include: "Sp*" }, 2), SPEEDS);
  assert.deepEqual(await tagsUnder(bench, { recursive, include: "*/1:Motor/*", exclude: "Errors" }, 2), SPEEDS);
  assert.deepEqual(await tagsUnder(bench, { recursive, include: "nothing" }, 0), []);
  assert.match(JSON.stringify(bench.deps.events), /no variable under the object that include and exclude let through/);
});

Deno.test("OpcuaSource reads a variable once that two entries find", async () => {
  await using bench = await openBench({ nodes: 1 });
  const nodes = [1, 2].map(() => ({ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 0 }));
  await using source = bench.source({ nodes });
  await connect(source);
  const numbers = numbersOf(await read(source, (readings) => readings.length >= 10));
  assert.equal(new Set(numbers).size, numbers.length, numbers.join());
});

Deno.test("OpcuaSource reads variables that are new under a browse path within the session", async () => {
  await using bench = await openBench({ nodes: 1 });
  const nodes = [{
    browse_path: "0:Root/0:Objects/1:Counters",
    sampling_interval_ms: 0,
    rebrowse_interval_seconds: 1,
  }];
  await using source = bench.source({ nodes });
  await connect(source);
  await read(source, (readings) => readings.length >= 2);
  bench.server.addCounter("late");
  const readings = await read(source, (readings) => readings.some(({ tag }) => tag.endsWith("1:late")));
  assert.ok(readings.length > 0);
  assert.deepEqual(bench.deps.events, []);
});

Deno.test("OpcuaSource takes a deadband in percent of the range that the node has, and all changes where it has none", async () => {
  await using bench = await openBench();
  const { space, tick } = bench.server;
  const own = space.getOwnNamespace();
  const level = own.addAnalogDataItem({
    browseName: "Level",
    nodeId: "s=Level",
    organizedBy: space.rootFolder.objects,
    dataType: "Double",
    engineeringUnitsRange: { low: 0, high: 200 } as never, // the library's class is not exported
    value: { dataType: DataType.Double, value: 0 },
    minimumSamplingInterval: 0,
  });
  const deadband = { type: "percent", value: 5 };
  const nodes = [{ node_id: "ns=1;s=Level", deadband, sampling_interval_ms: 0 }, { ...counter(0), deadband }];
  await using source = bench.source({ nodes });
  await connect(source);
  const ofLevel = (readings: readonly OpcuaReading[]) => numbersOf(readings.filter(({ tag }) => tag.endsWith("Level")));
  const seen: OpcuaReading[] = await read(source, (readings) => ofLevel(readings).length === 1);
  for (const value of [4, 9, 10, 11, 20, 21.5]) {
    level.setValueFromSource({ dataType: DataType.Double, value }, StatusCodes.Good);
    const until = tick();
    seen.push(...await read(source, (readings) => numbersOf(readings).includes(until)));
  }
  assert.deepEqual(ofLevel(seen), [0, 11, 21.5]);
  const [warning] = bench.deps.log.lines.filter(({ level }) => level === "warn");
  assert.match(
    warning?.message ?? "",
    /^ns=1;s=counter0 has no range \(EURange\), so a deadband in percent has no width/,
  );
});

const POLL = { mode: "poll", poll_interval_seconds: 0.05 };

Deno.test("OpcuaSource polls: every node once in each round, in reads as small as the server's limit", async () => {
  await using bench = await openBench({ nodes: 7, maxNodesPerRead: 3 });
  await using source = bench.source({ ...POLL, nodes: Array.from({ length: 7 }, (_, i) => counter(i)) });
  await connect(source);
  const readings = await read(source, (readings) => readings.length >= 70);
  for (let round = 0; round < 10; round++) {
    const tags = readings.slice(round * 7, round * 7 + 7).map(({ tag }) => tag);
    assert.deepEqual(tags, Array.from({ length: 7 }, (_, i) => counter(i).node_id));
  }
  const [first] = readings;
  assert.equal(first?.value.valueType, "UInt32");
  assert.equal(first?.value.raw?.length, 5);
});

Deno.test("OpcuaSource polls a server that has no subscriptions, and says so", async () => {
  await using bench = await openBench({ hasNoSubscriptions: true });
  await using source = bench.source({ poll_interval_seconds: 0.05 });
  await connect(source);
  await read(source, (readings) => readings.length >= 3);
  const messages = bench.deps.log.lines.map(({ message }) => message);
  assert.deepEqual(messages, ["The server has no subscriptions: its nodes are read every 0.05 s instead"]);
});

Deno.test("OpcuaSource polls on past a node that is missing, reads it once it is there, and leaves out small changes", async () => {
  await using bench = await openBench();
  const late = { node_id: "ns=1;s=late", name: "late" };
  await using source = bench.source({
    ...POLL,
    nodes: [late, { ...counter(0), deadband: { type: "absolute", value: 4 } }],
  });
  await connect(source);
  const before = await read(source, (readings) => readings.length >= 6);
  assert.deepEqual(before.filter(({ tag }) => tag === "late").map(({ value }) => value.status), ["BadNodeIdUnknown"]);
  const numbers = numbersOf(before.filter(({ tag }) => tag !== "late"));
  assert.ok(numbers.every((number, i) => i === 0 || number - (numbers[i - 1] ?? NaN) > 4), numbers.join());
  bench.server.addCounter("late");
  await read(source, (readings) => readings.some(({ tag, value }) => tag === "late" && value.status === "Good"));
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["tag_failed", "tag_recovered"]);
});

Deno.test("OpcuaSource polls on after a broken connection, and gives up a silent server", async () => {
  await using bench = await openBench();
  await using proxy = openProxy(bench.server.port);
  await using source = bench.source(
    { ...POLL, transaction_timeout_seconds: 2, repair_timeout_seconds: 4 },
    proxy.endpoint,
  );
  await connect(source);
  await read(source, (readings) => readings.length >= 3);
  proxy.cut();
  await eventually("the break is seen", () => bench.deps.events.length > 0);
  await eventually("it is mended", () => bench.deps.events.length > 1, 15_000);
  await read(source, (readings) => readings.length >= 10);
  assert.deepEqual(bench.deps.events.map(({ kind }) => kind), ["repairing", "repaired"]);
  proxy.freeze(true);
  await assert.rejects(read(source, () => false), /^ConnectionError: Lost .*: the server said nothing for [23]/);
});
