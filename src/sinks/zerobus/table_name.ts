/** Names of catalogs, schemas and tables, as Zerobus Ingest takes them: ASCII letters, digits and underscore. */
const PART = /^[A-Za-z0-9_]{1,255}$/;

/** The three parts of a table's full name. */
export interface TableName {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
}

/** Whether `text` can be one part of a table's name. */
export function isNamePart(text: string): boolean {
  return PART.test(text);
}

/**
 * Reads `catalog.schema.table`.
 *
 * ```ts
 * parseTableName("iot_data.bronze.mqtt_bronze").table; // "mqtt_bronze"
 * ```
 * @throws {TypeError} when it has not three parts of ASCII letters, digits and underscores
 */
export function parseTableName(fullName: string): TableName {
  const [catalog, schema, table, ...rest] = fullName.split(".");
  if (!catalog || !schema || !table || rest.length > 0 || ![catalog, schema, table].every(isNamePart)) {
    throw new TypeError(`is not catalog.schema.table in ASCII letters, digits and underscores: ${fullName}`);
  }
  return { catalog, schema, table };
}
