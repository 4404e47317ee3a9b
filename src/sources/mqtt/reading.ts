import type { Reading } from "../../core/reading.ts";

/** What is the same in all readings of one tag. */
export interface MqttTag {
  /** The topic; with the mapped name behind it where the payload says the name. */
  readonly name: string;
  readonly topic: string;
  readonly sensorName: string;
  readonly sensorType: string | undefined;
  readonly unit: string | undefined;
  /** Of the entry of `topics` that matches. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** What Sparkplug B says of a value beside it. */
export interface SparkplugMarks {
  /** `Good`, `Bad`, `Stale`, another quality by its number, or `Unconfirmed`; undefined where nobody said it. */
  readonly status: string | undefined;
  /** The data type by the specification's name; `State` for a row that says whether a node is there. */
  readonly valueType: string | undefined;
  readonly isHistorical: boolean;
  readonly isTransient: boolean;
}

/** One value from one message. `value` and `text` are both undefined for JSON's null. */
export interface MqttReading extends Reading {
  readonly from: MqttTag;
  readonly value: number | undefined;
  readonly text: string | undefined;
  /** The device's timestamp, milliseconds since 1970-01-01 UTC, where the payload has one. */
  readonly timestampMs: number | undefined;
  /** This and the next are not known of a message that was kept as a dead letter. */
  readonly qos: number | undefined;
  /** The broker sent it as the topic's retained message. */
  readonly isRetained: boolean | undefined;
  /** The payload as it was received; of Sparkplug B the metric alone, and nothing where no metric stands for the row. */
  readonly payload: Uint8Array | undefined;
  readonly sparkplug?: SparkplugMarks;
}
