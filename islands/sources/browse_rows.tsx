import type { VNode } from "preact";
import type { Browsing } from "../../src/web/client/browsing.ts";
import type { MoreRow, NodeRow } from "../../src/web/client/browse_tree.ts";
import { number } from "../../src/web/client/format.ts";

const SIGNS = { closed: "+", loading: "…", open: "−" } as const;
/** Deeper than this is shown as deep as this. */
const MAX_INDENT = 12;

function indentOf(depth: number): string {
  return `tree-row indent-${Math.min(depth, MAX_INDENT)}`;
}

interface NodeOfTreeProps {
  readonly row: NodeRow;
  readonly isTicked: boolean;
  readonly onOpen: (id: string) => void;
  readonly onTick: (row: NodeRow, isOn: boolean) => void;
}

/** A node with its value now, to open and to tick. */
export function NodeOfTree({ row, isTicked, onOpen, onTick }: NodeOfTreeProps): VNode {
  const { node: { id, name, kind, data_type, sample, facts = {}, configure }, depth, state, isCovered } = row;
  const isObject = kind !== "variable";
  const status = sample?.status === "Good" ? undefined : sample?.status;
  const value = sample && (sample.value === "" ? undefined : sample.value);
  const description = facts.description === name ? undefined : facts.description;
  const told = [isObject ? "object" : data_type ?? "variable", value, status, description];
  const extent = isCovered ? "read with the object above" : isObject && isTicked ? "with all below" : undefined;
  return (
    <div class={indentOf(depth)}>
      <button
        class="button button-quiet"
        type="button"
        aria-expanded={state === "open"}
        aria-label={`${state === "open" ? "Close" : "Open"} ${name}`}
        disabled={state === "loading"}
        onClick={() => onOpen(id)}
      >
        {SIGNS[state]}
      </button>
      <input
        type="checkbox"
        aria-label={`Read ${name}${isObject ? " with all below" : ""}`}
        checked={isTicked || isCovered}
        disabled={isCovered || !configure}
        onChange={(event) => onTick(row, event.currentTarget.checked)}
      />
      <span class="grow tree-lines" title={`${name}\n${id}`}>
        <span>
          {isObject ? <strong>{name}</strong> : name} <span class="soft small mono">{id}</span>
        </span>
        <span class="soft small">{[extent, ...told].filter(Boolean).join(" · ")}</span>
      </span>
    </div>
  );
}

interface MoreOfLevelProps {
  readonly row: MoreRow;
  readonly browsing: Browsing;
}

/** The way to the rest of a level. */
export function MoreOfLevel({ row: { under, name, depth, shown }, browsing }: MoreOfLevelProps): VNode {
  const isLoading = browsing.loadingAll.value === under;
  return (
    <div class={indentOf(depth)}>
      <span class="tree-space" />
      <span class="grow soft">{number(shown)} of {name}, and there are more</span>
      {isLoading ? <button class="button" type="button" onClick={browsing.stop}>Stop</button> : (
        <>
          <button class="button" type="button" onClick={() => browsing.more(under)} aria-label={`500 more of ${name}`}>
            500 more
          </button>
          <button class="button" type="button" onClick={() => browsing.all(under)} aria-label={`All of ${name}`}>
            All
          </button>
        </>
      )}
    </div>
  );
}
