/** Work of the connector that takes its time: how far it is, what came of it, and a way to stop it. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, linesIn, type Problem, send, type SendOptions } from "./api.ts";
import { number } from "./format.ts";
import { problemIn } from "./loaded.ts";

export interface Step {
  readonly done: number;
  readonly of: number;
}

type Line =
  | ({ readonly kind: "progress" } & Step)
  | { readonly kind: "end"; readonly error: { readonly code: string; readonly message: string } | null }
  | { readonly kind: "fault" };

export interface Following extends Pick<SendOptions, "body" | "headers"> {
  readonly onStep: (step: Step) => void;
  /** Lines that are neither a step nor the end. */
  readonly onLine?: (line: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Asks for it and follows it. Resolves with what the last line says.
 * @throws {ApiError} where it is refused, fails or the connection is lost
 */
export async function followed<T>(path: string, { body, headers, onStep, onLine, signal }: Following): Promise<T> {
  const accept = { accept: "application/x-ndjson", ...headers };
  const response = await send("POST", path, { ...(body === undefined ? {} : { body }), headers: accept, signal });
  for await (const line of linesIn<Line>(response, signal)) {
    if (line.kind === "progress") onStep(line);
    else if (line.kind !== "end") onLine?.(line);
    else if (line.error) throw new ApiError({ status: 200, code: line.error.code, title: line.error.message });
    else return line as T; // as the API's document says
  }
  throw new ApiError({ status: 0, code: "unreachable", title: "The connection was lost before its end" });
}

/** How far it is, for a line of text: `45 %`. */
export function percent({ done, of }: Step): string {
  return `${number(Math.floor((100 * done) / Math.max(1, of)))} %`;
}

export type Work<T> =
  | { readonly state: "idle" }
  /** `step`: undefined until there is one. */
  | { readonly state: "busy"; readonly step: Step | undefined }
  | { readonly state: "failed"; readonly problem: Problem }
  | { readonly state: "done"; readonly value: T };

export interface LongWork<T> {
  readonly work: Signal<Work<T>>;
  readonly begin: (act: (onStep: (step: Step) => void, signal: AbortSignal) => Promise<T>) => Promise<void>;
  /** Gives it up; whoever leaves the page does too. */
  readonly stop: () => void;
}

/** One piece of work at a time. */
export function useLongWork<T>(): LongWork<T> {
  const work = useSignal<Work<T>>({ state: "idle" });
  const ending = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => ending.current?.abort(), []);
  return {
    work,
    async begin(act) {
      const { signal } = ending.current = new AbortController();
      work.value = { state: "busy", step: undefined };
      try {
        const value = await act((step) => work.value = { state: "busy", step }, signal);
        work.value = { state: "done", value };
      } catch (error) {
        work.value = signal.aborted ? { state: "idle" } : { state: "failed", problem: problemIn(error) };
      }
    },
    stop: () => ending.current?.abort(),
  };
}
