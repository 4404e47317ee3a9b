/** What went wrong with a request. `code` is a stable snake_case word. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** Which members of a request are wrong. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Wherever it comes from, nothing of it is run, framed, cached, or taken for another type. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** A problem document (RFC 9457). Nothing of the request is repeated in it. */
export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify({ type: "about:blank", ...problem }), {
    status: problem.status,
    headers: { ...HEADERS, ...headers },
  });
}
