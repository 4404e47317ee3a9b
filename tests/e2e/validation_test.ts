/** What `processing.validation` makes of messages of a real broker. */
import assert from "node:assert/strict";
import type { LedgerTerms } from "../../src/buffer/ledger.ts";
import { connectPublisher } from "../interop/mqtt_session.ts";
import { Mosquitto } from "../peers/mosquitto.ts";
import { freePort } from "../peers/process.ts";
import { eventually } from "../wait.ts";
import { Connector } from "./connector.ts";
import { stopBalanced } from "./stand.ts";

/** Fewer than there are messages that do not pass: one that was not acknowledged would soon stop the topic. */
const RECEIVE_MAXIMUM = 2;

interface Case {
  readonly does: string;
  readonly validation: string;
  readonly durability: "disk" | "memory";
  readonly expected: Partial<LedgerTerms>;
  /** Metrics of what did not pass, by the beginning of their lines. */
  readonly counters: Readonly<Record<string, number>>;
  /** The first line of the log about it. */
  readonly says: RegExp;
}

const KEPT = {
  expected: { received: 9, written: 2, dead_lettered: 7, filtered: 0 },
  counters: {
    'connector_dead_letters_total{source="line",code="required_field_missing"}': 4,
    'connector_dead_letters_total{source="line",code="mqtt_path_missing"}': 3,
  },
  says: /^A reading of source line is now a dead letter: Of the columns .* names, unit is empty: mend the device/,
};

const CASES: readonly Case[] = [
  { does: "keeps, with a spool,", validation: "required_fields: [source_name, unit]", durability: "disk", ...KEPT },
  { does: "keeps, without one,", validation: "required_fields: [source_name, unit]", durability: "memory", ...KEPT },
  {
    does: "lets go, told to,",
    validation: "required_fields: [source_name, unit], drop_invalid: true",
    durability: "disk",
    expected: { received: 9, written: 2, dead_lettered: 0, filtered: 7 },
    counters: {
      'connector_records_filtered_total{source="line",code="required_field_missing"}': 4,
      'connector_records_filtered_total{source="line",code="mqtt_path_missing"}': 3,
    },
    says: /^What source line sent was counted and let go \(processing\.validation\.drop_invalid\): Of the columns/,
  },
];

function yaml({ validation, durability }: Case, port: number): string {
  return `version: 1
local_sink: { enabled: true }
backpressure: { disk_spool: { enabled: ${durability === "disk"}, reserve_mb: 0 } }
processing: { validation: { ${validation} } }
sources:
  - name: line
    protocol: mqtt
    endpoint: mqtt://127.0.0.1:${port}
    mqtt:
      receive_maximum: ${RECEIVE_MAXIMUM}
      payload: { format: json, value: "$.v", unit: "$.u" }
      topics: [{ topic: "plant/#" }]
`;
}

for (const each of CASES) {
  Deno.test(`the connector ${each.does} what lacks a column or cannot be decoded, acknowledges it, and passes on the rest`, async () => {
    await using stack = new AsyncDisposableStack();
    const broker = stack.use(await Mosquitto.start());
    const ports = { gui: freePort(), metrics: freePort() };
    const connector = stack.use(await Connector.start({ yaml: yaml(each, broker.port), ports }));
    await connector.logged(/Source line is connected/);
    const publisher = stack.use(await connectPublisher(broker.port));
    const lacking = ['{"v":1}', '{"v":1,"u":""}', '{"v":1}', '{"v":1,"u":null}'];
    for (const payload of ['{"v":1,"u":"degC"}', ...lacking, ...Array(3).fill("{}"), '{"v":2,"u":"degC"}']) {
      await publisher.publish("plant/oven", payload);
    }
    await eventually("both good ones are written", async () => (await ledgerOf(ports.gui)).written === 2);
    const ledger = await ledgerOf(ports.gui);
    const shown = Object.keys(each.expected).map((term) => [term, ledger[term as keyof LedgerTerms]]); // its own keys
    assert.deepEqual(Object.fromEntries(shown), each.expected);
    for (const [metric, count] of Object.entries(each.counters)) assert.equal(await connector.metric(metric), count);
    const line = connector.log.find(({ code }) => code === "required_field_missing");
    assert.match(line?.message ?? "", each.says);
    assert.deepEqual([line?.source, line?.tag], ["line", "plant/oven"]);
    await stopBalanced(connector);
  });
}

async function ledgerOf(port: number): Promise<LedgerTerms> {
  const { total } = await (await fetch(`http://127.0.0.1:${port}/api/ledger`)).json();
  return total;
}
