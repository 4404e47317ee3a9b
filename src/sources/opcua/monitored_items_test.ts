import {
  type MonitoredItemCreateRequestOptions,
  MonitoredItemCreateResult,
  NodeId,
  type StatusCode,
  StatusCodes,
} from "node-opcua-client";
import assert from "node:assert/strict";
import { hostNameAsked } from "../../../tests/fakes/host_name.ts";
import { FakeLogger } from "../../../tests/fakes/logger.ts";
import { Deadbands } from "./deadbands.ts";
import type { DecodedValue } from "./decode.ts";
import { MonitoredItems } from "./monitored_items.ts";
import { nodeSettings } from "./node_settings.ts";
import { opcuaSettings } from "./settings.ts";
import type { Item } from "./item_list.ts";

await hostNameAsked();

type ToCreate = MonitoredItemCreateRequestOptions;

/** Monitored items at a server that answers each request by `judge`, and those that it was told to delete. */
function serverThat(judge: (item: ToCreate, handle: number) => StatusCode) {
  const log = new FakeLogger();
  const deleted: number[] = [];
  const outcome = { of: () => Promise.resolve() };
  const limits = { monitoredItems: 1000, browse: 100, translate: 100, read: 1000 };
  const services = { read: () => Promise.resolve([]), translate: () => Promise.resolve([]) };
  const deadbands = new Deadbands({ services, limits, log });
  const items = new MonitoredItems({
    services: {
      createItems: (_, wanted) =>
        Promise.resolve(wanted.map((item) => {
          const handle = Number(item.requestedParameters?.clientHandle);
          return new MonitoredItemCreateResult({ statusCode: judge(item, handle), monitoredItemId: handle + 100 });
        })),
      async deleteItems(_, ids) {
        await outcome.of();
        deleted.push(...ids);
      },
    },
    subscriptionId: 1,
    settings: opcuaSettings.parse({}).subscription,
    limits,
    deadbands,
  });
  return { items, deadbands, log, deleted, outcome };
}

function item(handle: number, deadband?: { type: "absolute"; value: number }): Item {
  const settings = nodeSettings.parse({ node_id: `i=${handle}`, ...deadband ? { deadband } : {} });
  const tag = { name: `i=${handle}`, nodeId: `i=${handle}`, namespace: 0, browsePath: undefined, labels: {} };
  return { handle, nodeId: new NodeId(), settings, tag };
}

function value(number: number, statusCode = 0): DecodedValue {
  return { statusCode, number } as DecodedValue; // nothing else of it is looked at
}

Deno.test("MonitoredItems watches a node without a deadband that the server does not take, and leaves out changes itself", async () => {
  const { items, deadbands, log } = serverThat(({ requestedParameters }) =>
    requestedParameters?.filter ? StatusCodes.BadMonitoredItemFilterUnsupported : StatusCodes.Good
  );
  const reasons = await items.watch([item(0), item(1, { type: "absolute", value: 2 }), item(2)]);
  assert.deepEqual(reasons, [undefined, undefined, undefined]);
  const told = [10, 12, 12.1, 13, 8].filter((number) => deadbands.passes(1, value(number)));
  assert.deepEqual(told, [10, 12.1, 8]);
  assert.ok(deadbands.passes(1, value(8, 0x80000000)), "another status is told");
  assert.ok(deadbands.passes(0, value(1)) && deadbands.passes(0, value(1)), "no deadband, nothing left out");
  const [line] = log.lines.map(({ message }) => message);
  assert.equal(
    line,
    "The server takes no deadband: the connector itself leaves out what is within the deadband of i=1",
  );
});

Deno.test("MonitoredItems tells refusals by node, and deletes what is watched, also where it was not told so at first", async () => {
  const refuse = (_: ToCreate, handle: number) => handle === 2 ? StatusCodes.BadNodeIdUnknown : StatusCodes.Good;
  const { items, deleted, outcome } = serverThat(refuse);
  const all = [0, 1, 2, 3].map((handle) => item(handle));
  const reasons = await items.watch(all);
  assert.deepEqual(reasons, [undefined, undefined, "the server does not watch i=2: BadNodeIdUnknown", undefined]);
  outcome.of = () => Promise.reject(new Error("Connection Break"));
  await assert.rejects(items.unwatch(all), /Connection Break/);
  outcome.of = () => Promise.resolve();
  await items.unwatch(all);
  await items.unwatch(all);
  assert.deepEqual(deleted, [100, 101, 103]);
});
