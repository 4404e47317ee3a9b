import { z } from "zod";
import { integer, tagLabels } from "../../core/schema.ts";
import { ADDRESS_SPACE, ADDRESSINGS, REGISTER_TYPES } from "./address.ts";
import { DATA_TYPES, type DataType, ENCODINGS, PADDINGS, REGISTERS_PER_VALUE } from "./data_type.ts";
import { readNoValue } from "./no_value.ts";

/** The highest address of Modicon notation with six digits. */
const MAX_ADDRESS = 4 * 100_000 + ADDRESS_SPACE;

const order = z.enum(["big", "little"]).default("big");
const label = z.string().max(1024).nullable().default(null);

/** One entry of `registers:`. */
export const mappingSettings = z.strictObject({
  name: z.string().min(1).max(256).regex(/^(?!.*\[\d+\]$)/, "must not end in [n]: count gives such names").meta({
    description: "Name of the tag, unique within the source. With count n its values are called name[0] to name[n-1].",
    examples: ["oven_temperature"],
  }),
  address: integer(0, MAX_ADDRESS).meta({
    description: "Address of the first register, coil or input, in the notation that addressing says.",
    examples: [40001, 0, 300001],
  }),
  addressing: z.enum(ADDRESSINGS).nullable().default(null).meta({
    description: "Notation of this address. Not set: the source's addressing.",
  }),
  count: integer(1, ADDRESS_SPACE).default(1).meta({
    description: "How many values follow one another; for data_type string, how many registers the text takes.",
    unit: "values",
  }),
  register_type: z.enum(REGISTER_TYPES).default("holding").meta({
    description: "Which of the four tables of the device; coil and discrete are bits and always bool.",
  }),
  data_type: z.enum(DATA_TYPES).nullable().default(null).meta({
    description: "What the registers hold. Not set: uint16; bool for coils, discrete inputs and with bit.",
    examples: ["float32"],
  }),
  byte_order: order.meta({
    description: "Which byte of a register comes first: big, the most significant one, is what the standard says.",
  }),
  word_order: order.meta({
    description: "Which register of a value of several comes first: big, the most significant one. CDAB is little.",
  }),
  bit: integer(0, 15).nullable().default(null).meta({
    description: "Read only this bit of the register, 0 being the least significant.",
  }),
  encoding: z.enum(ENCODINGS).default("auto").meta({
    description:
      "Character set of a string. auto: UTF-8, and Latin-1 where it is not valid UTF-8; utf-16: a register is one character.",
  }),
  padding: z.enum(PADDINGS).default("nul").meta({
    description: "What follows a string: nul, it ends at the first NUL; space, spaces at its end are left out as well.",
  }),
  bit_count: integer(1, 16).default(1).meta({
    description:
      "How many bits the value has, from bit upwards. More than one are a number, such as a state of 0 to 7.",
    unit: "bits",
  }),
  scale_factor: z.number().refine((factor) => factor !== 0, "must not be 0").default(1).meta({
    description: "The register's value times this, plus offset, is the value.",
    examples: [0.1],
  }),
  offset: z.number().default(0).meta({ description: "Added after scaling, in the value's unit." }),
  no_value: z.number().nullable().default(null).meta({
    description:
      "What the registers hold, before scaling, where the device has no value: such a reading is left out and reported. " +
      "As a value, or as bits: -32768 and 0x8000 are the same for int16.",
    examples: [0x8000],
  }),
  slave_id: integer(0, 255).nullable().default(null).meta({
    description: "Unit id behind a gateway. Not set: the source's slave_id.",
  }),
  poll_interval_seconds: z.number().min(0.001).max(86_400).nullable().default(null).meta({
    description: "How often to read it. Not set: the source's poll_interval_seconds.",
    unit: "s",
  }),
  max_registers_per_request: integer(1, 125).nullable().default(null).meta({
    description: "The most registers that its device gives in one answer. Not set: the source's.",
    unit: "registers",
  }),
  unit: label.meta({ description: "Unit of the value, for the column unit.", examples: ["degC"] }),
  sensor_type: label.meta({ description: "Kind of sensor, for the column sensor_type.", examples: ["temperature"] }),
  sensor_path: label.meta({
    description: "Place of the sensor, for the column sensor_path.",
    examples: ["line1/oven"],
  }),
  labels: tagLabels(),
}).superRefine(checkTogether);

export type MappingSettings = z.output<typeof mappingSettings>;

/** The type in force where `data_type` may be left out. */
export function dataTypeOf(
  settings: Pick<MappingSettings, "register_type" | "data_type" | "bit" | "bit_count">,
): DataType {
  const isBit = settings.bit !== null && settings.bit_count === 1;
  return settings.data_type ?? (isBits(settings) || isBit ? "bool" : "uint16");
}

/** Registers (or bits) that one value takes: what a single request must be able to hold. */
export function valueWidth(settings: Parameters<typeof dataTypeOf>[0] & Pick<MappingSettings, "count">): number {
  const type = dataTypeOf(settings);
  return type === "string" ? settings.count : REGISTERS_PER_VALUE[type];
}

/** Registers (or bits) from the first to the last of an entry. */
export function spanOf(settings: Parameters<typeof valueWidth>[0]): number {
  return valueWidth(settings) * (dataTypeOf(settings) === "string" ? 1 : settings.count);
}

/** Coils and discrete inputs: one bit per address. */
export function isBits(settings: Pick<MappingSettings, "register_type">): boolean {
  return settings.register_type === "coil" || settings.register_type === "discrete";
}

/** What is read where the device has no value; undefined where there is no such thing. */
export function noValueOf(
  settings: Parameters<typeof dataTypeOf>[0] & Pick<MappingSettings, "no_value">,
): number | undefined {
  const dataType = dataTypeOf(settings);
  if (settings.no_value === null || dataType === "bool" || dataType === "string") return undefined;
  return readNoValue(settings.no_value, { dataType, bitCount: settings.bit_count, isPart: settings.bit !== null });
}

/** What no single key can say. A setting that would have no effect is an error, not ignored. */
function checkTogether(settings: MappingSettings, context: z.RefinementCtx): void {
  const fail = (key: keyof MappingSettings, message: string) =>
    context.addIssue({ code: "custom", path: [key], message });
  const type = dataTypeOf(settings);
  const isNumber = type !== "bool" && type !== "string";
  if (isBits(settings)) {
    if (type !== "bool") fail("data_type", `must be bool (or left out): a ${settings.register_type} is one bit`);
    if (settings.bit !== null) fail("bit", `is for registers: a ${settings.register_type} is one bit itself`);
    if (settings.byte_order === "little") fail("byte_order", `is for registers, not for a ${settings.register_type}`);
    if (settings.max_registers_per_request !== null) {
      fail("max_registers_per_request", `is for registers, not for a ${settings.register_type}`);
    }
  } else if (type === "bool" && settings.bit === null) {
    fail("bit", "must say which bit of the register, 0 to 15, when data_type is bool");
  }
  const bitsType = settings.bit_count === 1 ? "bool" : "uint16";
  if (settings.bit !== null && type !== bitsType) {
    fail("data_type", `must be ${bitsType} (or left out) with ${bitsType === "bool" ? "bit" : "bit_count"}`);
  }
  if (settings.bit === null && settings.bit_count > 1) fail("bit_count", "must stand beside bit, the lowest of them");
  if (settings.bit !== null && settings.bit + settings.bit_count > 16) {
    fail("bit_count", `must end at bit 15: from bit ${settings.bit} it may be ${16 - settings.bit}`);
  }
  if (settings.bit !== null && settings.count > 1) fail("count", "must be 1 with bit: add one entry per bit");
  if (settings.word_order === "little" && !(isNumber && valueWidth(settings) > 1)) {
    fail("word_order", `has no effect on ${type}: it is for numbers of 32 and 64 bits`);
  }
  if (type !== "string" && settings.encoding !== "auto") {
    fail("encoding", `has no effect on ${type}: it is for strings`);
  }
  if (type !== "string" && settings.padding !== "nul") fail("padding", `has no effect on ${type}: it is for strings`);
  if (!isNumber && settings.scale_factor !== 1) fail("scale_factor", `has no effect on ${type}: it is for numbers`);
  if (settings.no_value !== null && noValueOf(settings) === undefined) {
    fail("no_value", isNumber ? `is nothing that ${type} can hold` : `has no effect on ${type}: it is for numbers`);
  }
  if (!isNumber && settings.offset !== 0) fail("offset", `has no effect on ${type}: it is for numbers`);
}
