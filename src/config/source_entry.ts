import { z } from "zod";
import type { SourceConfig, SourceSpec } from "../core/source.ts";
import { sourceTable } from "../sinks/zerobus/spec.ts";

/** One entry of `sources`, ready to be made into a source. */
export interface SourceEntry {
  readonly spec: SourceSpec;
  readonly config: SourceConfig;
  readonly isEnabled: boolean;
  /** The source's own table; null: as zerobus.target says. */
  readonly table: string | null;
}

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
  labels: z.record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/), z.string().max(256)).default({}).meta({
    description:
      "Texts for every row: plc_name, plc_vendor, plc_model and industry fill the columns of these names, and all of them go into the column labels.",
    examples: [{ plc_name: "press_4", industry: "automotive" }],
  }),
};

/** The schema of an entry of this protocol; its block is named after the protocol. */
export function entrySchema(spec: SourceSpec): z.ZodObject {
  const { name, enabled, table, labels } = common;
  const protocol = z.literal(spec.type).meta({ description: spec.summary });
  return z.strictObject({ name, protocol, enabled, endpoint: spec.endpoint, table, labels, [spec.type]: spec.schema });
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
  const { name, enabled, endpoint, table, labels } = parsed as unknown as CommonKeys; // the schema has checked them
  return { spec, config: { name, endpoint, labels, settings: parsed[spec.type] }, isEnabled: enabled, table };
}

interface CommonKeys {
  readonly name: string;
  readonly enabled: boolean;
  readonly endpoint: string;
  readonly table: string | null;
  readonly labels: Readonly<Record<string, string>>;
}
