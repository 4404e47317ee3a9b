import { MODBUS, MQTT, OPCUA } from "../../../src/bronze/mod.ts";
import type { BronzeMessage } from "../../../src/bronze/message.ts";
import { preferredColumnType } from "../../../src/bronze/table_column.ts";

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** SQL type in lower case: `bigint`, `varchar(20)`. */
  readonly type: string;
  /** Default true. */
  readonly isNullable?: boolean;
}

/** A managed Delta table of the fake workspace. */
export interface Table {
  /** `catalog.schema.table` */
  readonly name: string;
  readonly columns: readonly Column[];
}

/** Values by column name. A BIGINT or TIMESTAMP is a number where that is exact, else a bigint; BINARY is a Uint8Array. */
export type StoredRow = Record<string, StoredValue>;
export type StoredValue = number | bigint | string | boolean | Uint8Array | null;

/** The three bronze tables, extras included. */
export const BRONZE_TABLES: readonly Table[] = [
  bronzeTable("iot_data.bronze.opcua_bronze", OPCUA),
  bronzeTable("iot_data.bronze.mqtt_bronze", MQTT),
  bronzeTable("iot_data.bronze.modbus_bronze", MODBUS),
];

/** A table with a column for each field of a bronze message. */
export function bronzeTable<R>(name: string, message: BronzeMessage<R>): Table {
  const columns = message.fields.map((field) => ({
    name: field.name,
    type: preferredColumnType(field).toLowerCase(),
  }));
  return { name, columns };
}
