import type { BrowseNode, BrowsePage, BrowseRequest, BrowseSession } from "../../src/core/browse.ts";
import { ConfigError } from "../../src/core/error.ts";
import { Condition } from "../../src/lib/condition.ts";

/** What a fake device shows: the children of each place, by its id; "" is where everything begins. */
export type FakeTree = Readonly<Record<string, readonly BrowseNode[]>>;

/** A browsing session with a fake device. */
export class FakeBrowse implements BrowseSession {
  readonly requests: BrowseRequest[] = [];
  isConnected = false;
  disposals = 0;
  readonly #tree: FakeTree;
  readonly #refusal: unknown;
  readonly #maxPages: number;

  /** It says no more after so many pages. */
  constructor(tree: FakeTree, refusal?: unknown, maxPages = Infinity) {
    this.#tree = tree;
    this.#refusal = refusal;
    this.#maxPages = maxPages;
  }

  connect(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    this.isConnected = true;
    return Promise.resolve();
  }

  children(request: BrowseRequest, signal: AbortSignal): Promise<BrowsePage> {
    this.requests.push(request);
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.requests.length > this.#maxPages) {
      return new Condition().wait(signal).then(() => ({ nodes: [], next: undefined }));
    }
    const place = this.#tree[request.under ?? ""];
    if (!place) return Promise.reject(new ConfigError("browse_no_place", `there is no ${request.under}`));
    const from = Number(request.after ?? 0);
    const end = from + request.limit;
    return Promise.resolve({ nodes: place.slice(from, end), next: end < place.length ? String(end) : undefined });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposals++;
    return Promise.resolve();
  }
}
