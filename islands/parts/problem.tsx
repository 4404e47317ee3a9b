import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import type { Loaded } from "../../src/web/client/loaded.ts";
import { Note, State } from "./state.tsx";

/** Why something failed, and what can be done. */
export function ProblemNote({ problem }: { readonly problem: Problem }): VNode {
  const { title, detail, errors = [], code } = problem;
  return (
    <Note level="bad" isUrgent>
      <strong class="break">{detail ?? title}</strong>
      {errors.map(({ path, message }) => <span class="break" key={path}>{path ? `${path}: ${message}` : message}
      </span>)}
      <span class="soft small mono">{code}</span>
    </Note>
  );
}

interface ViewProps<T> {
  readonly of: Loaded<T>;
  /** What is awaited: `the sources`. */
  readonly what: string;
  readonly children: (value: T) => VNode;
}

/** What was loaded; until then, that it is on its way, or why it did not come. */
export function View<T>({ of, what, children }: ViewProps<T>): VNode {
  if (of.state === "ready") return children(of.value);
  if (of.state === "failed") return <ProblemNote problem={of.problem} />;
  return (
    <div class="panel waiting" role="status">
      <State level="busy">Loading {what}…</State>
    </div>
  );
}
