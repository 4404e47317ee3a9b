import assert from "node:assert/strict";
import fc from "fast-check";
import { mappingsOf } from "./mapping.ts";
import {
  isBitTable,
  joinRequests,
  type PlanLimits,
  planRequests,
  type ReadRequest,
  type Slice,
  splitRequest,
} from "./plan.ts";
import { modbusSettings } from "./settings.ts";

const LIMITS: PlanLimits = { maxRegisters: 125, maxCoils: 2000, readGap: 8 };

function plan(entries: Record<string, unknown>[], limits: Partial<PlanLimits> = {}): ReadRequest[] {
  const registers = entries.map((keys, index) => ({ name: `t${index}`, ...keys }));
  const settings = modbusSettings.parse({ addressing: "zero_based", registers });
  return planRequests(mappingsOf(settings), { ...LIMITS, ...limits });
}

/** `start+count` of each request. */
function extents(requests: readonly ReadRequest[]): string[] {
  return requests.map(({ start, count }) => `${start}+${count}`);
}

const PLANS: Readonly<
  Record<string, { registers: Record<string, unknown>[]; limits?: Partial<PlanLimits>; is: string[] }>
> = {
  "reads neighbours together": { registers: [{ address: 0 }, { address: 1, data_type: "float32" }], is: ["0+3"] },
  "reads across a gap of read_gap": { registers: [{ address: 0 }, { address: 9 }], is: ["0+10"] },
  "does not read across a wider gap": { registers: [{ address: 0 }, { address: 10 }], is: ["0+1", "10+1"] },
  "reads across no gap at all when read_gap is 0": {
    registers: [{ address: 0 }, { address: 1 }, { address: 3 }],
    limits: { readGap: 0 },
    is: ["0+2", "3+1"],
  },
  "sorts by address": { registers: [{ address: 5 }, { address: 0 }], is: ["0+6"] },
  "reads overlapping entries once": {
    registers: [{ address: 0, count: 10 }, { address: 2, data_type: "uint32" }, { address: 9 }],
    is: ["0+10"],
  },
  "keeps units apart": { registers: [{ address: 0 }, { address: 1, slave_id: 2 }], is: ["0+1", "1+1"] },
  "keeps register types apart": {
    registers: [{ address: 0 }, { address: 1, register_type: "input" }],
    is: ["0+1", "1+1"],
  },
  "keeps intervals apart": {
    registers: [{ address: 0 }, { address: 1, poll_interval_seconds: 9 }],
    is: ["0+1", "1+1"],
  },
  "reads 1,000 registers in 8 requests": {
    registers: [{ address: 0, count: 1000 }],
    is: Array.from({ length: 8 }, (_, i) => `${i * 125}+125`),
  },
  "does not cut a value in two": {
    registers: [{ address: 0, count: 63, data_type: "float32" }],
    is: ["0+124", "124+2"],
  },
  "reads 2,000 coils at once": {
    registers: [{ address: 0, count: 2001, register_type: "coil" }],
    is: ["0+2000", "2000+1"],
  },
  "reads a string whole": { registers: [{ address: 7, count: 20, data_type: "string" }], is: ["7+20"] },
};

for (const [behaviour, { registers, limits, is }] of Object.entries(PLANS)) {
  Deno.test(`planRequests() ${behaviour}`, () => assert.deepEqual(extents(plan(registers, limits)), is));
}

Deno.test("splitRequest() cuts at the widest gap", () => {
  const [request] = plan([{ address: 0 }, { address: 2 }, { address: 8 }, { address: 10 }]);
  assert.deepEqual(extents(splitRequest(request ?? assert.fail()) ?? []), ["0+3", "8+3"]);
});

Deno.test("splitRequest() cuts in the middle where there is no gap", () => {
  const [request] = plan([{ address: 0 }, { address: 1 }, { address: 2 }, { address: 3 }]);
  assert.deepEqual(extents(splitRequest(request ?? assert.fail()) ?? []), ["0+2", "2+2"]);
});

Deno.test("splitRequest() cuts a single entry between its values", () => {
  const [request] = plan([{ address: 0, count: 5, data_type: "float32" }]);
  assert.deepEqual(extents(splitRequest(request ?? assert.fail()) ?? []), ["0+4", "4+6"]);
});

Deno.test("splitRequest() leaves a single value whole", () => {
  for (const type of ["float64", "string"]) {
    const [request] = plan([{ address: 0, count: type === "string" ? 9 : 1, data_type: type }]);
    assert.equal(splitRequest(request ?? assert.fail()), undefined);
  }
});

Deno.test("joinRequests() puts together what splitRequest() cut between values, and nothing else", () => {
  const [request] = plan([{ address: 7, count: 5, data_type: "float32" }]);
  const [left, right] = splitRequest(request ?? assert.fail()) ?? assert.fail();
  assert.deepEqual(joinRequests(left, right), request);
  assert.equal(joinRequests(right, left), undefined);
  const [a, b] = plan([{ address: 0 }, { address: 1 }], { readGap: 0, maxRegisters: 1 });
  assert.equal(joinRequests(a ?? assert.fail(), b ?? assert.fail()), undefined, "they are two entries");
});

const anyRegister = fc.record({
  address: fc.integer({ min: 0, max: 400 }),
  count: fc.integer({ min: 1, max: 60 }),
  register_type: fc.constantFrom("holding", "input"),
  data_type: fc.constantFrom("uint16", "float32", "uint64"),
  slave_id: fc.constantFrom(1, 2),
  poll_interval_seconds: fc.constantFrom(1, 5),
});
const anyCoil = fc.record({
  address: fc.integer({ min: 0, max: 4000 }),
  count: fc.integer({ min: 1, max: 3000 }),
  register_type: fc.constantFrom("coil", "discrete"),
});
const anyEntries = fc.array(fc.oneof(anyRegister, anyCoil), { minLength: 1, maxLength: 30 });
const anyLimits = fc.record({
  maxRegisters: fc.integer({ min: 4, max: 125 }),
  maxCoils: fc.integer({ min: 1, max: 2000 }),
  readGap: fc.integer({ min: 0, max: 50 }),
});

Deno.test("planRequests() reads every value exactly once, within one request of its own unit, type and interval", () => {
  fc.assert(fc.property(anyEntries, anyLimits, (entries, limits) => {
    const requests = plan(entries, limits);
    const read = new Map<unknown, number>();
    for (const { slices, ...request } of requests) {
      for (const { mapping, first, values, start, end } of slices) {
        assert.ok(start >= request.start && end <= request.start + request.count);
        assert.deepEqual([mapping.slaveId, mapping.registerType, mapping.intervalMs], [
          request.slaveId,
          request.registerType,
          request.intervalMs,
        ]);
        for (const [index, tag] of mapping.tags.slice(first, first + values).entries()) {
          assert.equal(tag.address, start + index * mapping.width);
          read.set(tag, (read.get(tag) ?? 0) + 1);
        }
      }
    }
    assert.equal(read.size, entries.reduce((sum, { count }) => sum + count, 0));
    assert.ok([...read.values()].every((times) => times === 1));
  }));
});

Deno.test("planRequests() keeps to the maxima and to read_gap", () => {
  fc.assert(fc.property(anyEntries, anyLimits, (entries, limits) => {
    for (const request of plan(entries, limits)) assertWithin(request, limits);
  }));
});

function assertWithin({ registerType, start, count, slices }: ReadRequest, limits: PlanLimits): void {
  assert.ok(count <= (isBitTable(registerType) ? limits.maxCoils : limits.maxRegisters));
  const isWanted = new Array<boolean>(count).fill(false);
  for (const slice of slices) isWanted.fill(true, slice.start - start, slice.end - start);
  const gaps = isWanted.map((wanted) => (wanted ? "x" : ".")).join("").split("x");
  assert.ok(Math.max(...gaps.map((gap) => gap.length)) <= limits.readGap);
  assert.deepEqual([isWanted[0], isWanted[count - 1]], [true, true]);
}

Deno.test("splitRequest() ends at single values, and loses none", () => {
  fc.assert(fc.property(anyEntries, anyLimits, (entries, limits) => {
    for (const request of plan(entries, limits)) {
      const leaves = splitAll(request).flatMap((leaf) => leaf.slices);
      assert.ok(leaves.every((slice) => slice.values === 1));
      assert.deepEqual(leaves.flatMap(tagsOf), request.slices.flatMap(tagsOf));
    }
  }));
});

function tagsOf({ mapping, first, values }: Slice) {
  return mapping.tags.slice(first, first + values);
}

function splitAll(request: ReadRequest): ReadRequest[] {
  return splitRequest(request)?.flatMap(splitAll) ?? [request];
}
