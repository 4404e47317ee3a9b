import type { SourceMemory } from "../../core/source_memory.ts";
import { type LearnedOf, NamespaceMemory } from "./namespace_memory.ts";
import { Namespaces } from "./namespaces.ts";
import { Outage } from "./outage.ts";

/** What is known of a server and outlives a session. */
export interface ServerMemory {
  readonly namespaces: Namespaces;
  readonly outage: Outage;
  /** On which other terms than asked it was last said to watch nodes. */
  toldTerms: string | undefined;
}

/** What earlier runs have kept is known; nothing else is. */
export function newServerMemory(of: LearnedOf, kept: SourceMemory | undefined): ServerMemory {
  return { namespaces: new Namespaces(new NamespaceMemory(kept, of)), outage: new Outage(), toldTerms: undefined };
}
