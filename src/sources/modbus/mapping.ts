import { protocolAddress, type RegisterType } from "./address.ts";
import type { DataType, Encoding, Order, Padding } from "./data_type.ts";
import { dataTypeOf, type MappingSettings, noValueOf, valueWidth } from "./mapping_settings.ts";
import type { ModbusTag } from "./reading.ts";
import { type Scale, scaleColumn, scaleOf } from "./scale.ts";
import type { ModbusSettings } from "./settings.ts";

/** How the bits of one value are read. */
export interface ValueFormat {
  readonly dataType: DataType;
  readonly byteOrder: Order;
  readonly wordOrder: Order;
  /** The bit of the register to read, 0 being the least significant; undefined for a whole value, or a coil. */
  readonly bit: number | undefined;
  /** How many bits from `bit` upwards. */
  readonly bitCount: number;
  /** Registers, or bits of a coil or discrete input, that one value takes. */
  readonly width: number;
  readonly scale: Scale;
  /** What is read, before scaling, where the device has no value. */
  readonly noValue: number | undefined;
  /** Of a string. */
  readonly encoding: Encoding;
  readonly padding: Padding;
}

/** One entry of `registers:`, with every default filled in and its address resolved. */
export interface Mapping extends ValueFormat {
  readonly name: string;
  readonly slaveId: number;
  readonly registerType: RegisterType;
  /** Zero-based protocol address of the first register. */
  readonly address: number;
  readonly intervalMs: number;
  /** The most registers that its device gives in one answer; undefined: as the source says. */
  readonly maxRegisters: number | undefined;
  /** One per value, in the order of their addresses. */
  readonly tags: readonly ModbusTag[];
}

/** The mappings of a source. */
export function mappingsOf(settings: ModbusSettings): Mapping[] {
  return settings.registers.map((entry) => mappingOf(entry, settings));
}

function mappingOf(entry: MappingSettings, settings: ModbusSettings): Mapping {
  const address = protocolAddress(entry.address, entry.register_type, entry.addressing ?? settings.addressing);
  if (address === undefined) throw new TypeError(`no address: ${entry.address}`); // the schema has refused it
  const mapping = {
    name: entry.name,
    slaveId: entry.slave_id ?? settings.slave_id,
    registerType: entry.register_type,
    address,
    intervalMs: (entry.poll_interval_seconds ?? settings.poll_interval_seconds) * 1000,
    maxRegisters: entry.max_registers_per_request ?? undefined,
    dataType: dataTypeOf(entry),
    byteOrder: entry.byte_order,
    wordOrder: entry.word_order,
    bit: entry.bit ?? undefined,
    bitCount: entry.bit_count,
    width: valueWidth(entry),
    scale: scaleOf(entry.scale_factor, entry.offset),
    noValue: noValueOf(entry),
    encoding: entry.encoding,
    padding: entry.padding,
  };
  return { ...mapping, tags: tagsOf(entry, mapping) };
}

function tagsOf(entry: MappingSettings, mapping: Omit<Mapping, "tags">): ModbusTag[] {
  const values = mapping.dataType === "string" ? 1 : entry.count;
  const isNumber = mapping.dataType !== "string";
  return Array.from({ length: values }, (_, index) => ({
    name: values === 1 ? entry.name : `${entry.name}[${index}]`,
    slaveId: mapping.slaveId,
    address: mapping.address + index * mapping.width,
    registerType: mapping.registerType,
    scaleColumn: isNumber ? scaleColumn(entry.scale_factor) : undefined,
    unit: entry.unit ?? undefined,
    sensorType: entry.sensor_type ?? undefined,
    sensorPath: entry.sensor_path ?? undefined,
    labels: entry.labels,
  }));
}
