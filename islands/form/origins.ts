import { createContext } from "preact";

/** Where the value at a path of the form comes from; undefined: it is the default, or new. */
export type OriginOf = (path: string) => "yaml" | "state" | undefined;

export const Origins = createContext<OriginOf>(() => undefined);
