/**
 * One way of rows to one target: a table, and the bronze message its rows are. Where several protocols share a table
 * there is a lane for each, because a Zerobus stream carries one message type; `seq` counts per table all the same.
 */
export interface Lane {
  /** Unique and stable across restarts: `catalog.schema.table` and the message's name, `main.bronze.mqtt#MQTTBronzeRecord`. */
  readonly id: string;
  /** `catalog.schema.table`. */
  readonly table: string;
  /** Name of the message in protos/. */
  readonly message: string;
}

/** The lane with this id. */
export function laneNamed(id: string): Lane {
  const at = id.lastIndexOf("#");
  return { id, table: id.slice(0, at), message: id.slice(at + 1) };
}

/** The lane to `table` for rows of `message`. */
export function laneTo(table: string, message: string): Lane {
  return { id: `${table}#${message}`, table, message };
}
