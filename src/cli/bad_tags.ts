import type { SourceEvent } from "../core/source.ts";
import type { Sample } from "../service/sample_source.ts";

/** Tags that are remembered; of the others only how many there were. */
const MAX_TAGS = 10_000;

/** A tag that gives no value, or none that can be used, and why. */
export interface BadTag {
  readonly tag: string;
  readonly reason: string;
}

/** Which tags are bad now, as a look at a device shows them. */
export class BadTags {
  readonly #reasons = new Map<string, string>();
  #isCut = false;

  /** Of a source: a tag fails, or gives values again. */
  heard(event: SourceEvent): void {
    if (event.kind === "tag_failed") this.#set(event.tag, event.reason);
    if (event.kind === "tag_recovered") this.#reasons.delete(event.tag);
  }

  /** A value whose status is not good is worth a look; a good one takes back what was said of its tag. */
  seen({ tag, status }: Pick<Sample, "tag" | "status">): void {
    if (status === "" || status.startsWith("Good")) this.#reasons.delete(tag);
    else this.#set(tag, `its last value has the status ${status}`);
  }

  /** Whether there are more than are listed. */
  get isCut(): boolean {
    return this.#isCut;
  }

  list(): readonly BadTag[] {
    return [...this.#reasons].map(([tag, reason]) => ({ tag, reason }));
  }

  #set(tag: string, reason: string): void {
    if (this.#reasons.size < MAX_TAGS || this.#reasons.has(tag)) this.#reasons.set(tag, reason);
    else this.#isCut = true;
  }
}
