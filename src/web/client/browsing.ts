import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Problem, request, type ValueFault } from "./api.ts";
import { type Level, type Opened, ROOT, type TreeNode } from "./browse_tree.ts";
import type { JsonObject } from "./form_model.ts";
import { draftProblem } from "./draft.ts";
import { problemIn } from "./loaded.ts";

/** Nodes in one answer. */
const PER_PAGE = 500;
const PER_PAGE_OF_MANY = 1000;

interface Page {
  readonly nodes: readonly TreeNode[];
  readonly next: string | null;
}

/** A look through a device, level by level. */
export interface Browsing {
  readonly levels: ReadonlySignal<ReadonlyMap<string, Level>>;
  readonly states: ReadonlySignal<ReadonlyMap<string, Opened>>;
  readonly problem: ReadonlySignal<Problem | undefined>;
  /** How many nodes came so far. */
  readonly count: ReadonlySignal<number>;
  /** The level of which all is being loaded. */
  readonly loadingAll: ReadonlySignal<string | undefined>;
  /** Looks into a node; the first level is `ROOT`. */
  open(id: string): Promise<void>;
  close(id: string): void;
  more(id: string): Promise<void>;
  /** Page after page until there are no more, or `stop`. */
  all(id: string): Promise<void>;
  stop(): void;
  /** Begins anew, with the settings as they are now. */
  restart(): Promise<void>;
}

/**
 * `source`: the settings as the form has them; `onFaults` is told which of them are wrong. The device has its session back when the page is left.
 */
export function useBrowsing(source: JsonObject, onFaults: (faults: readonly ValueFault[]) => void): Browsing {
  const levels = useSignal<ReadonlyMap<string, Level>>(new Map());
  const states = useSignal<ReadonlyMap<string, Opened>>(new Map());
  const problem = useSignal<Problem | undefined>(undefined);
  const loadingAll = useSignal<string | undefined>(undefined);
  const count = useComputed(() => [...levels.value.values()].reduce((sum, { nodes }) => sum + nodes.length, 0));
  useEffect(() => leave, []);
  const mark = (id: string, state: Opened) => states.value = new Map([...states.value, [id, state]]);
  /** Each look anew: an answer to one before belongs to no level of this one. */
  const look = useSignal(0);
  /** Whether it came. */
  async function load(id: string, limit: number): Promise<boolean> {
    const known = levels.value.get(id);
    const own = look.value;
    try {
      const page = await pageOf(source, { under: id, after: known?.next ?? undefined, limit });
      if (look.value !== own) return false;
      const nodes = [...known?.nodes ?? [], ...page.nodes];
      levels.value = new Map([...levels.value, [id, { nodes, next: page.next }]]);
      return true;
    } catch (error) {
      if (look.value !== own) return false;
      problem.value = draftProblem(error);
      onFaults(problemIn(error).errors ?? []);
      return false;
    }
  }
  async function open(id: string): Promise<void> {
    problem.value = undefined;
    if (levels.value.has(id)) return void mark(id, "open");
    const own = look.value;
    mark(id, "loading");
    const state = await load(id, PER_PAGE) ? "open" : "closed";
    if (look.value === own) mark(id, state);
  }
  async function all(id: string): Promise<void> {
    problem.value = undefined;
    const own = look.value;
    loadingAll.value = id;
    while (loadingAll.value === id && levels.value.get(id)?.next != null) {
      if (!await load(id, PER_PAGE_OF_MANY)) break;
    }
    if (look.value === own && loadingAll.value === id) loadingAll.value = undefined;
  }
  return {
    ...{ levels, states, problem, count, loadingAll, open, all },
    close: (id) => void mark(id, "closed"),
    async more(id) {
      problem.value = undefined;
      await load(id, PER_PAGE);
    },
    stop: () => loadingAll.value = undefined,
    async restart() {
      look.value++;
      loadingAll.value = undefined;
      levels.value = new Map();
      states.value = new Map();
      await open(ROOT);
    },
  };
}

interface Wanted {
  readonly under: string;
  readonly after: string | undefined;
  readonly limit: number;
}

/** @throws {ApiError} */
async function pageOf(source: JsonObject, { under, after, limit }: Wanted): Promise<Page> {
  const place = under === ROOT ? {} : { under };
  const from = after === undefined ? {} : { after };
  const body = { source, limit, ...place, ...from };
  return (await request<Page>("POST", "/api/browse", { body })).body;
}

function leave(): void {
  request("DELETE", "/api/browse").catch(() => {/* then it is closed after a minute */});
}
