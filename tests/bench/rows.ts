/** Readings for measurements: what a broker's 109-byte JSON messages of numbers become. */
import type { SourceConfig } from "../../src/core/source.ts";
import type { MqttReading } from "../../src/sources/mqtt/reading.ts";

export const TAGS = 100;
const START_MS = 1767225600000;
export const LANE_TABLE = "iot_data.bronze.mqtt_bronze";

/** The source that the readings come from. */
export const SOURCE: SourceConfig = { name: "bench", endpoint: "mqtt://127.0.0.1", labels: {}, settings: {} };

/** `count` readings, over all tags in turn: values that wander, milliseconds apart, so that they compress as a plant's do. */
export function benchReadings(count: number): MqttReading[] {
  const tags = Array.from({ length: TAGS }, (_, i) => {
    const topic = `plant/line1/sensor${i}`;
    return { name: topic, topic, sensorName: `sensor${i}`, sensorType: undefined, unit: "degC" };
  });
  const common = { text: undefined, qos: 1, isRetained: false };
  const utf8 = new TextEncoder();
  return Array.from({ length: count }, (_, i) => {
    const from = tags[i % TAGS];
    if (!from) throw new RangeError("no tag");
    const value = Math.round(21_500 + 4000 * Math.sin(i / 70) + (i * 7919) % 997) / 1000;
    const timestampMs = START_MS + i * 7 + (i * 31) % 5;
    const payload = utf8.encode(`{"v":${value},"ts":${timestampMs},"u":"degC","q":"good"}`.padEnd(109));
    return { ...common, from, tag: from.name, eventTimeUs: timestampMs * 1000, timestampMs, value, payload };
  });
}
