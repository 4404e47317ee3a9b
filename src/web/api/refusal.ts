import type { Problem } from "../problem.ts";

/** A request that is refused, with what is told of it. */
export class Refusal extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.title);
    this.problem = problem;
    this.headers = headers;
  }
}

export function notFound(title: string): Refusal {
  return new Refusal({ status: 404, code: "not_found", title });
}

/** What an error is where whoever asked is gone: no defect of ours, and nobody reads the answer. */
export function unlessGone(error: unknown, { aborted, reason }: AbortSignal): unknown {
  if (!aborted || error !== reason) return error;
  return new Refusal({ status: 499, code: "client_gone", title: "Whoever asked was gone before there was an answer" });
}
