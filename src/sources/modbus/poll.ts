import type { ReadRequest } from "./plan.ts";

/** What is known of the registers that a poll reads. */
export type PollState =
  /** It had no turn yet. */
  | { readonly kind: "new" }
  /** It had none yet, and an earlier start found a hole there. */
  | { readonly kind: "recalled"; readonly answer: string }
  /** It had a turn, and nothing was learned of them. */
  | { readonly kind: "asked" }
  /** The device has them. */
  | { readonly kind: "given" }
  /** Refused, and what becomes of it depends on what its neighbours turn out to be. */
  | { readonly kind: "deferred" }
  /** The device does not have them, and answers so. No part of it is read. */
  | { readonly kind: "hole"; readonly answer: string };

/** A request and when it is to be sent next. Times are monotonic. */
export interface Poll {
  readonly request: ReadRequest;
  /** The planned request that it is, or is a part of. */
  readonly origin: ReadRequest;
  dueMs: number;
  /** Number of its last turn; 0 before the first. */
  turn: number;
  /** Refusals in a row, for whatever reason: each puts it off for longer. */
  refusals: number;
  state: PollState;
}

/** A poll that had no turn yet, due and last asked as the one whose place it takes. */
export function pollOf(
  request: ReadRequest,
  { origin, dueMs, turn }: Pick<Poll, "origin" | "dueMs" | "turn">,
  hole?: string,
): Poll {
  const state: PollState = hole === undefined ? { kind: "new" } : { kind: "recalled", answer: hole };
  return { request, origin, dueMs, turn, refusals: 0, state };
}

/** Whether it had a turn. */
export function isAsked({ state: { kind } }: Poll): boolean {
  return kind !== "new" && kind !== "recalled";
}

/** How the device answers where it does not have what the poll reads; undefined where it is not known for a hole. */
export function holeOf({ state }: Poll): string | undefined {
  return state.kind === "hole" || state.kind === "recalled" ? state.answer : undefined;
}

/** The state once it had a turn that told nothing. */
export function afterTurn(state: PollState): PollState {
  switch (state.kind) {
    case "new":
      return { kind: "asked" };
    case "recalled":
      return { kind: "hole", answer: state.answer };
    case "asked":
    case "given":
    case "deferred":
    case "hole":
      return state;
  }
}
