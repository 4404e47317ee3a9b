import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, type Problem } from "./api.ts";

/** What was asked for, on its way. */
export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly problem: Problem }
  | { readonly state: "ready"; readonly value: T };

export interface Loading<T> {
  readonly loaded: Signal<Loaded<T>>;
  /** Asks again; what is shown stays until the answer is there. */
  readonly reload: () => void;
}

const RETRY_MS = 3000;

/** Asks at once, and again while the connector cannot be reached. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, key = ""): Loading<T> {
  const loaded = useSignal<Loaded<T>>({ state: "loading" });
  const round = useSignal(0);
  useEffect(() => {
    const ending = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    load(ending.signal).then(
      (value) => loaded.value = { state: "ready", value },
      (error) => {
        if (ending.signal.aborted) return;
        const problem = problemIn(error);
        if (loaded.value.state !== "ready") loaded.value = { state: "failed", problem };
        if (problem.status === 0) retry = setTimeout(() => round.value++, RETRY_MS);
      },
    );
    return () => {
      ending.abort();
      clearTimeout(retry);
    };
  }, [round.value, key]);
  return { loaded, reload: () => void round.value++ };
}

/** What to tell of an error; one that is none of the API's is a defect of the page. */
export function problemIn(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { status: -1, code: "page_defect", title: "This page has a defect; please report it", detail };
}
