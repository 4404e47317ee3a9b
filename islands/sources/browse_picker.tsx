import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ValueFault } from "../../src/web/client/api.ts";
import { useBrowsing } from "../../src/web/client/browsing.ts";
import { type NodeRow, ROOT, type TreeRow, treeRows } from "../../src/web/client/browse_tree.ts";
import { number } from "../../src/web/client/format.ts";
import type { Json, JsonObject } from "../../src/web/client/form_model.ts";
import { chosenIn, coverOf, isChosen, withNodes, withoutNode } from "../../src/web/client/node_choice.ts";
import { TrustLink } from "../certificates/trust_link.tsx";
import { TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { Window } from "../parts/window.tsx";
import { MoreOfLevel, NodeOfTree } from "./browse_rows.tsx";

export interface BrowsePickerProps {
  /** The settings of the source as the form has them, without what is read. */
  readonly source: JsonObject;
  /** What the form lists. */
  readonly list: readonly Json[];
  readonly onChange: (list: readonly Json[]) => void;
  /** Shows what is wrong with the settings at their fields. */
  readonly onFaults: (faults: readonly ValueFault[]) => void;
}

const ROW_HEIGHT = 52;
/** So many are ticked at once without a second thought: each is an entry of its own. */
const MAX_AT_ONCE = 5000;

/** The server's tree, to tick what is to be read. */
export function BrowsePicker(props: BrowsePickerProps): VNode {
  const isOpen = useSignal(false);
  return (
    <section class="panel" aria-labelledby="picker-title">
      <header>
        <h2 id="picker-title">Choose nodes from the server</h2>
        <div class="actions">
          <button
            class="button"
            type="button"
            aria-expanded={isOpen.value}
            onClick={() => isOpen.value = !isOpen.value}
          >
            {isOpen.value ? "Close the tree" : "Browse the server"}
          </button>
        </div>
      </header>
      {isOpen.value ? <Tree {...props} /> : (
        <p class="panel-body soft">
          Connects with the endpoint and the security settings above, saved or not, beside the session that reads.
        </p>
      )}
    </section>
  );
}

function Tree({ source, list, onChange, onFaults }: BrowsePickerProps): VNode {
  const browsing = useBrowsing(source, onFaults);
  const search = useSignal("");
  const first = browsing.states.value.get(ROOT);
  useEffect(() => void browsing.open(ROOT), []);
  const { levels: { value: levels }, states: { value: states }, count, problem } = browsing;
  const chosen = useMemo(() => chosenIn(list), [list]);
  const rows = useMemo(
    () => treeRows({ levels, states, search: search.value, coverOf: (node) => coverOf(node, chosen) }),
    [levels, states, search.value, chosen],
  );
  const open = useMemo(() => rows.filter(isOpenVariable).filter(({ node }) => !isChosen(node, chosen)), [rows, chosen]);
  const isLoading = first === "loading";
  const rest = [...levels].filter(([, { next }]) => next !== null).map(([id]) => id);
  return (
    <>
      <div class="panel-body" onKeyDown={keepInside}>
        <div class="filters">
          <div class="grow">
            <TextField
              label="Search in what was loaded"
              type="search"
              value={search.value}
              onInput={(text) => search.value = text}
            />
          </div>
          <button class="button" type="button" disabled={isLoading} onClick={browsing.restart}>Look again</button>
          <button
            class="button"
            type="button"
            disabled={open.length === 0 || open.length > MAX_AT_ONCE}
            onClick={() => onChange(withNodes(list, open))}
          >
            {open.length > MAX_AT_ONCE
              ? `${number(open.length)} variables shown: tick their object`
              : `Tick all ${number(open.length)} variables shown`}
          </button>
        </div>
        <p class="soft small" role="status">
          {isLoading ? <State level="busy">Looking…</State> : (
            `${number(count.value)} nodes loaded. The form lists ${number(list.length)} ${
              list.length === 1 ? "entry" : "entries"
            }.`
          )}
        </p>
        {rest.length > 0 && !isLoading
          ? (
            <p class="actions small">
              <State level="warn">Not all is loaded, and search looks in what is.</State>
              {browsing.loadingAll.value === undefined
                ? (
                  <button class="button" type="button" onClick={() => loadRest(rest)}>
                    Load the rest of open levels
                  </button>
                )
                : <button class="button" type="button" onClick={browsing.stop}>Stop</button>}
            </p>
          )
          : null}
        <p class="soft small">
          A ticked object is read with all variables below it: 20 levels and 10,000 variables at most, which its entry
          in the form can change.
        </p>
        {problem.value ? <ProblemNote problem={problem.value} /> : null}
        <TrustLink code={problem.value?.code} isAside />
        {!isLoading && rows.length === 0 && !problem.value
          ? <p class="empty">{search.value ? "Nothing that was loaded has this text." : "The server shows nothing."}</p>
          : null}
      </div>
      {rows.length > 0
        ? (
          <Window
            items={rows}
            label="Nodes of the server"
            rowHeight={ROW_HEIGHT}
            keyOf={({ key }) => key}
            row={(row) =>
              row.kind === "more" ? <MoreOfLevel row={row} browsing={browsing} /> : (
                <NodeOfTree
                  row={row}
                  isTicked={isChosen(row.node, chosen)}
                  onOpen={(id) => states.get(id) === "open" ? browsing.close(id) : browsing.open(id)}
                  onTick={tick}
                />
              )}
          />
        )
        : null}
    </>
  );
  async function loadRest(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await browsing.all(id);
      if (browsing.levels.value.get(id)?.next != null) return; // stopped, or it failed
    }
  }
  function tick({ node, names }: NodeRow, isOn: boolean): void {
    onChange(isOn ? withNodes(list, [{ node, names }]) : withoutNode(list, node));
  }
}

function isOpenVariable(row: TreeRow): row is NodeRow {
  return row.kind === "node" && row.node.kind === "variable" && row.node.configure !== undefined && !row.isCovered;
}

/** The tree stands in a form, which Enter in the field for searching must not send. */
function keepInside(event: KeyboardEvent): void {
  if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
}
