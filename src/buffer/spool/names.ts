/** Texts whose bytes are kept, and how long such a one is: a megabyte at most. */
const MAX_ENCODED = 4096;
const MAX_ENCODED_LENGTH = 80;

/** Numbers for names of sources, lanes and tables: in the store only the numbers are in clear, and this list is sealed. */
export class Names {
  readonly #names: string[];
  readonly #numbers: Map<string, number>;
  readonly #encoded = new Map<string, Uint8Array>();
  #isChanged = false;

  constructor(names: readonly string[] = []) {
    this.#names = [...names];
    this.#numbers = new Map(names.map((name, number) => [name, number]));
  }

  /** The name's number; a new one where it has none. */
  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.length;
      this.#names.push(name);
      this.#numbers.set(name, number);
      this.#isChanged = true;
    }
    return number;
  }

  nameOf(number: number): string {
    return this.#names[number] ?? "";
  }

  /** The text as UTF-8; that of many tags is made once, for there are few of them and they come again and again. */
  bytesOf(text: string): Uint8Array {
    if (text.length > MAX_ENCODED_LENGTH) return new TextEncoder().encode(text);
    let bytes = this.#encoded.get(text);
    if (!bytes) {
      if (this.#encoded.size >= MAX_ENCODED) this.#encoded.clear();
      this.#encoded.set(text, bytes = new TextEncoder().encode(text));
    }
    return bytes;
  }

  /** The list is to be written again, sealed with another key. */
  touch(): void {
    this.#isChanged = true;
  }

  /** The whole list when it has names that were not taken yet. */
  takeChanged(): readonly string[] | undefined {
    if (!this.#isChanged) return undefined;
    this.#isChanged = false;
    return [...this.#names];
  }
}
