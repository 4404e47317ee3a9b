/** A client of the events, which counts what comes. */

export class EventClient implements AsyncDisposable {
  readonly #reading: Promise<void>;
  readonly #gone = new AbortController();
  readonly #counts = new Map<string, number>();
  /** The data of those whose name was given, in the order they came. */
  readonly kept: string[] = [];

  /** `undefined` is what there is in place of a client when the connector takes no more; others than 503 throw. */
  static async open(base: string, token: string, keep?: string): Promise<EventClient | undefined> {
    const response = await fetch(`${base}/api/events`, { headers: { authorization: `Bearer ${token}` } });
    if (response.status === 200 && response.body) return new EventClient(response.body, keep);
    const text = await response.text();
    if (response.status === 503 && text.includes("too_many_clients")) return undefined;
    throw new Error(`the events answer with ${response.status}: ${text}`);
  }

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, keep: string | undefined) {
    this.#reading = this.#read(body, keep);
  }

  /** How many events of this name came. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>, keep: string | undefined): Promise<void> {
    const { signal } = this.#gone;
    let rest = "";
    const sink = new WritableStream<string>({
      write: (text) => {
        const events = (rest + text).split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) this.#take(event, keep);
      },
    });
    await body.pipeThrough(new TextDecoderStream()).pipeTo(sink, { signal }).catch(() => {/* it was left */});
  }

  #take(event: string, keep: string | undefined): void {
    const [, name = "", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    this.#counts.set(name, this.count(name) + 1);
    if (name === keep) this.kept.push(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort();
    await this.#reading;
  }
}
