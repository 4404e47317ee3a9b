import { Namespaces } from "./namespaces.ts";
import { Outage } from "./outage.ts";

/** What is known of a server and outlives a session. */
export interface ServerMemory {
  readonly namespaces: Namespaces;
  readonly outage: Outage;
  /** On which other terms than asked it was last said to watch nodes. */
  toldTerms: string | undefined;
}

/** Nothing is known yet. */
export function newServerMemory(): ServerMemory {
  return { namespaces: new Namespaces(), outage: new Outage(), toldTerms: undefined };
}
