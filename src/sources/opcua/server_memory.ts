import { Namespaces } from "./namespaces.ts";

/** What is known of a server and outlives a session. */
export interface ServerMemory {
  readonly namespaces: Namespaces;
}

/** Nothing is known yet. */
export function newServerMemory(): ServerMemory {
  return { namespaces: new Namespaces() };
}
