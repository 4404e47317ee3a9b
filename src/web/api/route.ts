/** How routes are declared: what each needs, and how it may be refused, becomes part of the document. */
import type { Role } from "../../service/access.ts";
import { problemSchema } from "./schema.ts";

function problem(description: string) {
  return { description, content: { "application/problem+json": { schema: problemSchema } } };
}

/** Every route may answer so. */
const ALWAYS = {
  400: problem("The request cannot be understood."),
  401: problem("Nobody is logged in, or the API token is not known."),
  403: problem("The caller may not do this, or the request came in a way that is not let through."),
  421: problem("The host is not known by this name."),
  422: problem("The request does not say what it must, or what it says cannot work."),
  500: problem("A defect of the connector: its log says more."),
  503: problem("It cannot be answered now."),
} as const;

const WITH_BODY = {
  413: problem("The body is too large."),
  415: problem("The body is of another type."),
} as const;

export const NOT_FOUND = { 404: problem("There is no such thing.") } as const;
export const CONFLICT = { 409: problem("The present state does not allow it.") } as const;
export const PRECONDITION = {
  412: problem("Somebody else has changed it meanwhile: read it again."),
  428: problem("The header `if-match` is missing."),
} as const;
export const LIMITED = { 429: problem("It was tried too often: `retry-after` says when to try again.") } as const;
/** Of what asks a device or the workspace. */
export const PEER_FAILED = {
  502: problem("The peer cannot be reached, or the session with it was lost."),
  504: problem("The peer does not answer in time."),
} as const;

type Always = typeof ALWAYS;

/** For a route that only looks. */
export function reads<const R extends object>(responses: R): R & Always {
  return { ...ALWAYS, ...responses };
}

/** For a route that takes a body. */
export function takes<const R extends object>(responses: R): R & Always & typeof WITH_BODY {
  return { ...ALWAYS, ...WITH_BODY, ...responses };
}

/** Who may call it, and what it is about: a session or a token of at least this role. */
export function needs(role: Role, tag: string, summary: string): {
  tags: string[];
  summary: string;
  description: string;
  security: Record<string, string[]>[];
} {
  return {
    tags: [tag],
    summary,
    description: `Needs the role ${role}.`,
    security: [{ session: [], csrf: [] }, { token: [] }],
  };
}
