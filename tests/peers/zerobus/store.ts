import type { StoredRow, Table } from "./table.ts";

/** What becomes of rows: kept, only counted, or handed over one by one. */
export type Keep = "all" | "count" | ((table: string, row: StoredRow) => void);

/** The tables of the workspace and what is in them. */
export class Store {
  readonly #tables = new Map<string, { table: Table; rows: StoredRow[]; count: number }>();
  readonly #keep: Keep;

  constructor(tables: readonly Table[], keep: Keep) {
    this.#keep = keep;
    for (const table of tables) this.put(table);
  }

  /** Adds a table, or gives one other columns; its rows stay. */
  put(table: Table): void {
    const known = this.#tables.get(table.name);
    if (known) known.table = table;
    else this.#tables.set(table.name, { table, rows: [], count: 0 });
  }

  drop(name: string): void {
    this.#tables.delete(name);
  }

  find(name: string): Table | undefined {
    return this.#tables.get(name)?.table;
  }

  rows(name: string): readonly StoredRow[] {
    return this.#tables.get(name)?.rows ?? [];
  }

  count(name: string): number {
    return this.#tables.get(name)?.count ?? 0;
  }

  counts(): Record<string, number> {
    return Object.fromEntries([...this.#tables].map(([name, { count }]) => [name, count]));
  }

  append(name: string, rows: readonly StoredRow[]): void {
    this.appendCount(name, rows.length);
    if (this.#keep === "count") return;
    if (this.#keep === "all") {
      const kept = this.#tables.get(name)?.rows;
      for (const row of rows) kept?.push(row);
    } else for (const row of rows) this.#keep(name, row);
  }

  /** Rows that were not decoded. */
  appendCount(name: string, rows: number): void {
    const entry = this.#tables.get(name);
    if (entry) entry.count += rows;
  }
}
