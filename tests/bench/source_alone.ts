/**
 * Reading alone: one of our sources without a buffer, or the protocol's client library as its manual shows it. Words:
 * `opcua`, `mqtt` or `modbus`; `ours` or `bare`; the port on this machine; the number of readings to wait for; and how
 * many of them come before the measurement. Prints `{ rows, seconds, cpuSeconds, peakMb }`.
 */
import modbus from "modbus-serial";
import mqtt from "mqtt";
import {
  AttributeIds,
  type DataValue,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  TimestampsToReturn,
} from "node-opcua-client";
import { loadConfig } from "../../src/config/mod.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";
import { usageOf } from "./cpu.ts";

const [protocol = "", whose = "", port = "", total = "0", before = "0"] = Deno.args;
/** Of the peer's 1,000 values, so many at a time: the most that a request may ask for (Modbus Application Protocol V1.1b3, 6.3). */
const REGISTERS_AT_ONCE = 125;
const UNITS = 8;
const NEVER = new AbortController().signal;

/** Counts readings, and ends the process with the figures once there are enough. */
class Count {
  readonly #from: number;
  readonly #to: number;
  #readings = 0;
  #start: { readonly ms: number; readonly cpuSeconds: number; readonly readings: number } | undefined;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  add(readings: number): void {
    this.#readings += readings;
    if (this.#readings < this.#from) return;
    this.#start ??= { ms: performance.now(), cpuSeconds: usageOf("self").cpuSeconds, readings: this.#readings };
    if (this.#readings >= this.#to) this.#print(this.#start);
  }

  #print({ ms, cpuSeconds, readings }: { ms: number; cpuSeconds: number; readings: number }): void {
    const usage = usageOf("self");
    console.log(JSON.stringify({
      rows: this.#readings - readings,
      seconds: (performance.now() - ms) / 1000,
      cpuSeconds: usage.cpuSeconds - cpuSeconds,
      peakMb: usage.peakMb,
    }));
    Deno.exit(0);
  }
}

/** Of several units, so that the shortest interval, which is a millisecond, is not what is measured. */
function registers(): string {
  const units = Array.from({ length: UNITS }, (_, i) => i + 1);
  const what = "address: 0, count: 1000, register_type: holding, data_type: uint16";
  return units.map((unit) => `{ name: r${unit}, slave_id: ${unit}, ${what} }`).join(", ");
}

const SETTINGS: Readonly<Record<string, string>> = {
  opcua:
    `opcua: { security_policy: None, nodes: [{ browse_path: "0:Root/0:Objects/1:Counters", sampling_interval_ms: 100 }] }`,
  mqtt: `mqtt: { client_id: bench, topics: [{ topic: "plant/#", qos: 1, payload: { format: json, value: "$.v", ` +
    `timestamp: "$.ts", timestamp_format: unix_ms, unit: "$.u" } }] }`,
  modbus: `modbus: { poll_interval_seconds: 0.001, registers: [${registers()}] }`,
};
const SCHEMES: Readonly<Record<string, string>> = { opcua: "opc.tcp", mqtt: "mqtt", modbus: "modbus+tcp" };

/** As the supervisor reads it, and acknowledges at once. */
async function ours(count: Count): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "bench_" });
  await Deno.mkdir(`${home}/config`);
  const entry = `{ name: bench, protocol: ${protocol}, endpoint: "${SCHEMES[protocol]}://127.0.0.1:${port}", ${
    SETTINGS[protocol]
  } }`;
  const text = `version: 1\nzerobus: { enabled: false }\nlocal_sink: { enabled: true }\nsources:\n  - ${entry}\n`;
  await Deno.writeTextFile(`${home}/config/connector.yaml`, text);
  const { sources: [source] } = await loadConfig({ home, env: Deno.env.get, readTextFile: Deno.readTextFile });
  if (!source) throw new TypeError(`no source of ${protocol}`);
  const { create } = await source.spec.load();
  const session = create(source.config, fakeSourceDeps({ home }));
  await session.connect(NEVER);
  for await (const batch of session.batches(NEVER)) {
    batch.ack();
    count.add(batch.readings.length);
  }
}

const BARE: Readonly<Record<string, (count: Count) => Promise<void>>> = {
  /** A subscription with a group of monitored items, and a look at each value. */
  async opcua(count) {
    const client = OPCUAClient.create({
      securityMode: MessageSecurityMode.None,
      securityPolicy: SecurityPolicy.None,
      endpointMustExist: false,
    });
    await client.connect(`opc.tcp://127.0.0.1:${port}`);
    const session = await client.createSession();
    const found = await session.translateBrowsePath({
      startingNode: "i=85",
      relativePath: { elements: [{ targetName: { namespaceIndex: 1, name: "Counters" } }] },
    });
    const folder = found.targets?.[0]?.targetId;
    if (!folder) throw new TypeError("the server has no Counters");
    const { references } = await session.browse(folder.toString());
    const subscription = await session.createSubscription2({
      requestedPublishingInterval: 1000,
      maxNotificationsPerPublish: 1000,
      publishingEnabled: true,
    });
    const items = (references ?? []).map(({ nodeId }) => ({ nodeId, attributeId: AttributeIds.Value }));
    const settings = { samplingInterval: 100, queueSize: 10, discardOldest: true };
    const group = await subscription.monitorItems(items, settings, TimestampsToReturn.Both);
    group.on("changed", (_item: unknown, { value }: DataValue) => count.add(value.value === undefined ? 0 : 1));
  },
  /** A client that parses each message; the library acknowledges by itself. */
  async mqtt(count) {
    const options = {
      clientId: "bench",
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 86_400 },
    };
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, options as mqtt.IClientOptions); // 5 is a number to TypeScript
    client.on("message", (_topic, payload) => count.add(JSON.parse(payload.toString()).v === undefined ? 0 : 1));
    await new Promise((resolve) => client.on("connect", resolve));
    await client.subscribeAsync("plant/#", { qos: 1 });
  },
  /** One request after the other, to each unit in turn. */
  async modbus(count) {
    const client = new modbus.default();
    await client.connectTCP("127.0.0.1", { port: Number(port) });
    for (let unit = 1;; unit = (unit % UNITS) + 1) {
      client.setID(unit);
      for (let address = 0; address < 1000; address += REGISTERS_AT_ONCE) {
        const { data } = await client.readHoldingRegisters(address, REGISTERS_AT_ONCE);
        count.add(data.length);
      }
    }
  },
};

const count = new Count(Number(before), Number(total));
await (whose === "ours" ? ours(count) : BARE[protocol]?.(count));
