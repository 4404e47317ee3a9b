import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../../src/web/client/api.ts";
import { number } from "../../src/web/client/format.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { type BrowseNode, browseSource } from "../../src/web/client/sources.ts";
import { type Branch, rowsOf } from "../../src/web/client/tree.ts";
import { ProblemNote } from "../parts/problem.tsx";
import { Note, State } from "../parts/state.tsx";
import { Window } from "../parts/window.tsx";

const ROW_HEIGHT = 34;
const ROOT = "";

/** What the device has: its tree, opened where somebody looks. */
export function BrowsePanel({ name }: { readonly name: string }): VNode {
  const children = useSignal<ReadonlyMap<string, readonly BrowseNode[]>>(new Map());
  const states = useSignal<ReadonlyMap<string, Branch["state"]>>(new Map([[ROOT, "loading"]]));
  const problem = useSignal<Problem | undefined>(undefined);
  const isCut = useSignal(false);
  const mark = (id: string, state: Branch["state"]) => states.value = new Map([...states.value, [id, state]]);
  async function open(id: string): Promise<void> {
    problem.value = undefined;
    if (children.value.has(id)) return void mark(id, "open");
    mark(id, "loading");
    try {
      const { nodes, is_cut } = await browseSource(name, id === ROOT ? undefined : id);
      children.value = new Map([...children.value, [id, nodes]]);
      isCut.value ||= is_cut;
      mark(id, "open");
    } catch (error) {
      problem.value = problemIn(error);
      mark(id, "closed");
    }
  }
  useEffect(() => void open(ROOT), []);
  const rows = rowsOf(children.value, states.value, ROOT);
  const isLoading = states.value.get(ROOT) === "loading";
  return (
    <section class="panel" aria-labelledby="browse-title">
      <header>
        <h2 id="browse-title">What the device has</h2>
        {isLoading
          ? (
            <span role="status">
              <State level="busy">Looking…</State>
            </span>
          )
          : <span class="soft">{number(rows.length)} shown</span>}
      </header>
      {problem.value
        ? (
          <div class="panel-body">
            <ProblemNote problem={problem.value} />
          </div>
        )
        : null}
      {isCut.value ? <Note level="warn">A place has more than 5,000 nodes, of which these are the first.</Note> : null}
      {!isLoading && rows.length === 0 && !problem.value ? <p class="empty">It shows nothing.</p> : null}
      {rows.length > 0
        ? (
          <Window
            items={rows}
            label="Nodes of the device"
            rowHeight={ROW_HEIGHT}
            keyOf={({ node, depth }) => `${depth} ${node.id}`}
            row={(branch) => <Row branch={branch} onOpen={open} onClose={(id) => mark(id, "closed")} />}
          />
        )
        : null}
    </section>
  );
}

interface RowProps {
  readonly branch: Branch;
  readonly onOpen: (id: string) => void;
  readonly onClose: (id: string) => void;
}

const SIGNS = { closed: "+", loading: "…", open: "−" } as const;
/** Deeper than this is shown as deep as this. */
const MAX_INDENT = 12;

function Row({ branch: { node, depth, state }, onOpen, onClose }: RowProps): VNode {
  const { id, name, kind, has_children, data_type, sample } = node;
  return (
    <div class={`tree-row indent-${Math.min(depth, MAX_INDENT)}`}>
      {has_children === false ? <span class="tree-space" /> : (
        <button
          class="button button-quiet"
          type="button"
          aria-expanded={state === "open"}
          aria-label={`${state === "open" ? "Close" : "Open"} ${name}`}
          onClick={() => state === "open" ? onClose(id) : onOpen(id)}
        >
          {SIGNS[state]}
        </button>
      )}
      <span class="grow">
        {name} <span class="soft small mono">{id}</span>
      </span>
      <span class="soft small">{[kind, data_type, sample?.value].filter(Boolean).join(" · ")}</span>
    </div>
  );
}
