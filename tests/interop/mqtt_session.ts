import mqtt from "mqtt";
import type { EdgeError } from "../../src/core/error.ts";
import type { Batch } from "../../src/core/reading.ts";
import type { Source, SourceDeps } from "../../src/core/source.ts";
import { create } from "../../src/sources/mqtt/mod.ts";
import type { MqttReading } from "../../src/sources/mqtt/reading.ts";
import { mqttSettings } from "../../src/sources/mqtt/settings.ts";
import { fakeSourceDeps } from "../fakes/source_deps.ts";

export interface SourceOptions {
  readonly endpoint: string;
  readonly settings: Record<string, unknown>;
  readonly deps?: SourceDeps;
}

/** A source of `endpoint`; `topics` is `plant/#` with QoS 1 unless `settings` say otherwise. */
export function mqttSource({ endpoint, settings, deps = fakeSourceDeps() }: SourceOptions): Source {
  const parsed = mqttSettings.parse({ topics: [{ topic: "plant/#", qos: 1 }], ...settings });
  return create({ name: "plant", endpoint, labels: {}, settings: parsed }, deps);
}

/** The same, connected. */
export async function connectedSource(options: SourceOptions): Promise<Source> {
  const source = mqttSource(options);
  try {
    await source.connect(AbortSignal.timeout(10_000));
    return source;
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

/** Reads until `count` messages came, readings and refusals, and gives the batches they came in. `settle` says what becomes of each; by default it is acknowledged. */
export async function readBatches(
  source: Source,
  count: number,
  settle: (batch: Batch) => void = (batch) => batch.ack(),
): Promise<Batch[]> {
  const batches: Batch[] = [];
  let seen = 0;
  for await (const batch of source.batches(AbortSignal.timeout(20_000))) {
    settle(batch);
    batches.push(batch);
    seen += batch.readings.length + (batch.refusals?.length ?? 0);
    if (seen >= count) break;
  }
  return batches;
}

/** The readings of `batches`, in order. */
export function readingsOf(batches: readonly Batch[]): MqttReading[] {
  return batches.flatMap(({ readings }) => readings as readonly MqttReading[]); // made by the MQTT source
}

export interface Publisher extends AsyncDisposable {
  /** Publishes the numbers `from` … `from + count - 1`; resolves when the broker has all of them. */
  numbers(topic: string, count: number, options?: { from?: number; qos?: 0 | 1 | 2 }): Promise<void>;
  publish(topic: string, payload: string | Uint8Array, options?: { qos?: 0 | 1 | 2; retain?: boolean }): Promise<void>;
}

/** A client that publishes. `options` for a broker that wants more than its port: as of mqtt.js. */
export async function connectPublisher(port: number, options: mqtt.IClientOptions = {}): Promise<Publisher> {
  const scheme = options.ca === undefined ? "mqtt" : "mqtts";
  const client = await mqtt.connectAsync(`${scheme}://localhost:${port}`, { reconnectPeriod: 0, ...options });
  const publish: Publisher["publish"] = async (topic, payload, options = {}) => {
    await client.publishAsync(topic, payload as string, { qos: 1, ...options }); // bytes go as they are
  };
  return {
    publish,
    async numbers(topic, count, { from = 0, qos = 1 } = {}) {
      await Promise.all(Array.from({ length: count }, (_, i) => publish(topic, String(from + i), { qos })));
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

/** What a wait for a failure gave. */
export async function failureOf(promise: Promise<unknown>): Promise<EdgeError> {
  try {
    await promise;
  } catch (error) {
    return error as EdgeError; // asserted on by the tests
  }
  throw new Error("did not fail");
}
