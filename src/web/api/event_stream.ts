/** One client of the events. */

/** Messages that wait for a client at most. */
const MAX_WAITING = 256;
/** Characters of them. */
const MAX_TEXT = 512 * 1024;

interface Message {
  readonly name: string;
  readonly text: string;
}

/**
 * What waits for a client that may be slow, or never read: of a state only the newest, of what happens the last ones, and
 * how many had to make way. Memory does not grow with a client that takes nothing.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #names: ReadonlySet<string> | undefined;
  readonly #utf8 = new TextEncoder();
  #waiting: Message[] = [];
  #characters = 0;
  #dropped = 0;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** `names`: what it wants; undefined: everything. `ended` is called once, when the client is gone. */
  constructor(names: ReadonlySet<string> | undefined, ended: () => void) {
    this.#names = names;
    this.body = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#flush(),
      cancel: () => {
        this.#controller = undefined;
        ended();
      },
    }, { highWaterMark: 1 });
  }

  /** How many messages made way for others. */
  get dropped(): number {
    return this.#dropped;
  }

  wants(name: string): boolean {
    return this.#names?.has(name) ?? true;
  }

  /** `isState`: one that waits already is replaced. */
  push(name: string, data: string, isState: boolean): void {
    if (name !== "ping" && !this.wants(name)) return;
    const text = `event: ${name}\ndata: ${data}\n\n`;
    if (isState) this.#take(this.#waiting.findIndex((each) => each.name === name));
    this.#waiting.push({ name, text });
    this.#characters += text.length;
    while (this.#waiting.length > MAX_WAITING || this.#characters > MAX_TEXT) {
      this.#take(0);
      this.#dropped++;
    }
    if ((this.#controller?.desiredSize ?? 0) > 0) this.#flush();
  }

  end(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.close();
  }

  /** Everything that waits goes in one piece. */
  #flush(): void {
    if (!this.#controller || this.#waiting.length === 0) return;
    const lost = this.#dropped === 0 ? "" : `event: dropped\ndata: {"messages":${this.#dropped}}\n\n`;
    const text = lost + this.#waiting.map(({ text }) => text).join("");
    // Before it is enqueued: where somebody waits to read, `pull` comes within that call.
    this.#waiting = [];
    this.#characters = 0;
    this.#dropped = 0;
    this.#controller.enqueue(this.#utf8.encode(text));
  }

  #take(index: number): void {
    const [taken] = index < 0 ? [] : this.#waiting.splice(index, 1);
    this.#characters -= taken?.text.length ?? 0;
  }
}
