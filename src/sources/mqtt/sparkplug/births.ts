import type { MqttReading } from "../reading.ts";
import type { DataType } from "./data_type.ts";
import type { Metric } from "./payload.ts";
import type { Born } from "./known_nodes.ts";
import { type KnownMetric, KnownMetrics } from "./known_metrics.ts";
import { type Envelope, readingOf } from "./readings.ts";
import { membersOf } from "./template.ts";
import { UnreadableValue } from "./unreadable.ts";
import { MalformedPayload } from "./wire.ts";

/** A metric becomes a row for each of its members, or none with the reason. */
export type Outcome =
  | { readonly readings: readonly MqttReading[]; readonly fault?: undefined }
  | { readonly fault: string; readonly isUnknown: boolean; readonly readings?: undefined };

/** No birth has named the metric. */
class UnknownMetric extends Error {}

/** A metric of a birth. Its names and aliases are noted in `metrics`. */
export function bornMetric(metric: Metric, metrics: KnownMetrics, envelope: Envelope): Outcome {
  return outcome(metric, () => {
    if (metric.name === undefined) throw new UnreadableValue("no name, which a birth has to give");
    return membersOf(metric, metric.name, envelope.room).map(({ name, metric: member, said }) => {
      if (name === undefined) throw new UnreadableValue("a member without a name");
      envelope.room.takeRow(name, said.unit, said.status);
      const known = knownOf(name, member.dataType, said.unit);
      metrics.add(known, member.alias);
      return readingOf(member, { envelope, name, known, said, isDoubtful: false, isBirth: true });
    }).concat(noteTemplate(metric, metrics));
  });
}

/** A metric of data. `born`: what its node or device said at birth. */
export function dataMetric(metric: Metric, born: Born | undefined, envelope: Envelope): Outcome {
  return outcome(metric, () => {
    const name = metric.name ?? aliasOf(metric, born).name;
    return membersOf(metric, name, envelope.room).map(({ name: path, metric: member, said }) => {
      const known = path === undefined ? aliasOf(member, born) : born?.metrics.named(path);
      const isDoubtful = metric.name === undefined && !born?.isConfirmed;
      const called = path ?? known!.name; // without a name it was found by its alias
      envelope.room.takeRow(called, said.unit ?? known?.unit, said.status);
      return readingOf(member, { envelope, name: called, known, said, isDoubtful, isBirth: false });
    });
  });
}

function knownOf(name: string, dataType: DataType, unit?: string): KnownMetric {
  return { name, dataType, unit, dataTag: undefined };
}

/** A template's instance has an alias of its own, by which its data come. Its unit is that of its members. */
function noteTemplate({ name, alias, dataType, value }: Metric, metrics: KnownMetrics): [] {
  if (value.kind !== "template" || name === undefined || alias === undefined) return [];
  metrics.add(knownOf(name, dataType), alias);
  return [];
}

/** @throws {UnknownMetric} @throws {UnreadableValue} where the metric says another type than its birth */
function aliasOf({ alias, dataType }: Metric, born: Born | undefined): KnownMetric {
  if (alias === undefined) throw new UnreadableValue("neither name nor alias");
  const known = born?.metrics.aliased(alias);
  if (!known) throw new UnknownMetric();
  if (known === "ambiguous") throw new UnreadableValue("an alias that its birth gave to more than one metric");
  if (dataType !== "Unknown" && dataType !== known.dataType) {
    throw new UnreadableValue(`type ${dataType}, and its birth said ${known.dataType}`);
  }
  return known;
}

function outcome(metric: Metric, read: () => readonly MqttReading[]): Outcome {
  try {
    return { readings: read() };
  } catch (error) {
    const called = metric.name === undefined ? `with alias ${metric.alias}` : metric.name.slice(0, 100);
    if (error instanceof UnknownMetric) {
      return { fault: `no birth has said what the metric ${called} is`, isUnknown: true };
    }
    if (error instanceof UnreadableValue || error instanceof MalformedPayload) {
      return { fault: `the metric ${called} has ${error.message}`, isUnknown: false };
    }
    throw error;
  }
}
