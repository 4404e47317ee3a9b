import { z } from "zod";
import type { SourceConfig, SourceSpec } from "../core/source.ts";
import { sourceTable } from "../sinks/zerobus/spec.ts";

/** One entry of `sources`, ready to be made into a source. */
export interface SourceEntry {
  readonly spec: SourceSpec;
  readonly config: SourceConfig;
  /** Further addresses of the same device: the same configuration with each in place of `endpoint`. */
  readonly alternates: readonly SourceConfig[];
  readonly rateLimit: RateLimitSettings;
  readonly isEnabled: boolean;
  /** The source's own table; null: as zerobus.target says. */
  readonly table: string | null;
}

const rateLimit = z.strictObject({
  requests_per_second: z.number().min(0.01).max(100_000).nullable().default(null).meta({
    description:
      "The most requests to the device, evenly spaced, for one that cannot take more. Not set: as fast as they are due.",
    unit: "1/s",
  }),
  readings_per_second: z.number().min(1).max(10_000_000).nullable().default(null).meta({
    description:
      "The most readings that are accepted, on average over a second or two. What is more waits at the device or broker, or is counted as lost there; none is dropped silently. Not set: no limit.",
    unit: "1/s",
  }),
});

export type RateLimitSettings = z.output<typeof rateLimit>;

/** What every entry has, whatever its protocol. */
const common = {
  name: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores").meta(
    {
      description: "Name of the source, unique; it stands in the column source_name.",
      examples: ["press_4"],
    },
  ),
  enabled: z.boolean().default(true).meta({ description: "Whether it is read." }),
  table: sourceTable.nullable().default(null).meta({
    description: "Table for its rows: a name, or catalog.schema.table. Not set: as zerobus.target says.",
  }),
  rate_limit: rateLimit.prefault({}).meta({ description: "How fast the source may be read, for fragile devices." }),
  labels: z.record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/), z.string().max(256)).default({}).meta({
    description:
      "Texts for every row, all of which go into the column labels. plc_name, plc_vendor, plc_model and industry fill the columns of these names too, and so do sensor_type, sensor_path and unit where the entry or the payload says none. No label takes the place of what the device says (node_id, endpoint, topic, status, …). host_clock is written by the connector while the host's clock is wrong.",
    examples: [{ plc_name: "press_4", industry: "automotive" }],
  }),
};

/** The schema of an entry of this protocol; its block is named after the protocol. */
export function entrySchema(spec: SourceSpec): z.ZodObject {
  const { name, enabled, table, rate_limit, labels } = common;
  const protocol = z.literal(spec.type).meta({ description: spec.summary });
  const endpoints = z.array(spec.endpoint).max(7).default([]).meta({
    description:
      "Further addresses of the same device, server or broker, for when it cannot be reached at endpoint: tried in turn, and kept to while they work.",
  });
  const { endpoint, schema, type } = spec;
  return z.strictObject({ name, protocol, enabled, endpoint, endpoints, table, rate_limit, labels, [type]: schema });
}

/** An entry of any of these protocols; `protocol` decides. */
export function anyEntrySchema(specs: readonly SourceSpec[]): z.ZodType<Record<string, unknown>> {
  const [first, ...others] = specs.map(entrySchema);
  if (!first) throw new RangeError("there is no protocol");
  return z.discriminatedUnion("protocol", [first, ...others]);
}

/** Makes an entry of what `anyEntrySchema` gave. */
export function toSourceEntry(parsed: Record<string, unknown>, specs: readonly SourceSpec[]): SourceEntry {
  const spec = specs.find((each) => each.type === parsed.protocol);
  if (!spec) throw new RangeError(`there is no protocol ${parsed.protocol}`);
  const { name, enabled, endpoint, endpoints, table, labels, rate_limit } = parsed as unknown as CommonKeys; // the schema has checked them
  const config = { name, endpoint, labels, settings: parsed[spec.type] };
  const alternates = endpoints.map((other) => ({ ...config, endpoint: other }));
  return { spec, config, alternates, isEnabled: enabled, table, rateLimit: rate_limit };
}

interface CommonKeys {
  readonly name: string;
  readonly enabled: boolean;
  readonly endpoint: string;
  readonly endpoints: readonly string[];
  readonly rate_limit: RateLimitSettings;
  readonly table: string | null;
  readonly labels: Readonly<Record<string, string>>;
}
