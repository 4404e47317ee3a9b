import type { Blob, Entry, Store } from "./store.ts";

/** What one commit takes, so that few are needed, and little memory. */
const MAX_BYTES = 500_000;
const MAX_ITEMS = 100;

/** What is copied at once. */
export interface Item {
  readonly blob?: Blob;
  readonly entry?: Entry;
}

/** Writes into a new spool, several items per commit. */
export class Copy {
  readonly #store: Pick<Store, "write">;
  #items: (Item & { readonly written: () => void })[] = [];
  #bytes = 0;

  constructor(store: Pick<Store, "write">) {
    this.#store = store;
  }

  /** `written` is called once it is on disk. */
  async add(item: Item, written: () => void = () => {}): Promise<void> {
    this.#items.push({ ...item, written });
    this.#bytes += item.blob?.sealed.length ?? 0;
    if (this.#bytes >= MAX_BYTES || this.#items.length >= MAX_ITEMS) await this.flush();
  }

  async flush(): Promise<void> {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    await this.#store.write({
      blobs: items.flatMap(({ blob }) => blob ?? []),
      entries: items.flatMap(({ entry }) => entry ?? []),
      deleted: [],
    });
    for (const { written } of items) written();
  }
}
