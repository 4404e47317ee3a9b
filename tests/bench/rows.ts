/** Readings for measurements: what a broker's 109-byte JSON messages of numbers become. */
import type { SourceConfig } from "../../src/core/source.ts";
import type { MqttReading } from "../../src/sources/mqtt/reading.ts";

export const TAGS = 100;
export const LANE_TABLE = "iot_data.bronze.mqtt_bronze";

/** The source that the readings come from. */
export const SOURCE: SourceConfig = { name: "bench", endpoint: "mqtt://127.0.0.1", labels: {}, settings: {} };

/** `count` readings, over all tags in turn. */
export function benchReadings(count: number): MqttReading[] {
  const payload = new TextEncoder().encode(`{"v":21.5,"ts":1767225600000,"u":"degC","q":"good"}`.padEnd(109));
  const tags = Array.from({ length: TAGS }, (_, i) => {
    const topic = `plant/line1/sensor${i}`;
    return { name: topic, topic, sensorName: `sensor${i}`, sensorType: undefined, unit: "degC" };
  });
  const common = { text: undefined, timestampMs: 1767225600000, qos: 1, isRetained: false, payload };
  return Array.from({ length: count }, (_, i) => {
    const from = tags[i % TAGS];
    if (!from) throw new RangeError("no tag");
    return { ...common, from, tag: from.name, eventTimeUs: 1767225600000000, value: i / 8 };
  });
}
