/** Which sources of many somebody wants to see. */
import { sourceTold } from "./levels.ts";
import type { SourceItem } from "./sources.ts";

export const SOURCE_STATES = [
  ["", "Any"],
  ["trouble", "In trouble"],
  ["connected", "Connected"],
  ["disabled", "Disabled"],
] as const;

export interface SourceFilter {
  /** Words that all have to be there. */
  readonly text: string;
  /** One of `SOURCE_STATES`. */
  readonly state: string;
}

export function isWanted(item: SourceItem, { text, state }: SourceFilter): boolean {
  const { name, protocol, endpoint, endpoints, last_error, enabled } = item;
  const { level } = sourceTold(item.state);
  if (state === "trouble" && level !== "bad" && level !== "warn") return false;
  if ((state === "connected" || state === "disabled") && item.state !== state) return false;
  const error = enabled && item.state !== "connected" ? last_error?.message ?? "" : "";
  const all = [name, protocol, endpoint, ...endpoints, error].join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

/** What the address of the page says, so that going back leads to the same list. */
export function filterIn(search: string): SourceFilter {
  const query = new URLSearchParams(search);
  const state = query.get("state") ?? "";
  const isKnown = SOURCE_STATES.some(([each]) => each === state);
  return { text: query.get("q") ?? "", state: isKnown ? state : "" };
}

/** The other way round; empty where everything is wanted. */
export function searchFor({ text, state }: SourceFilter): string {
  const query = new URLSearchParams({ ...text === "" ? {} : { q: text }, ...state === "" ? {} : { state } });
  return query.size === 0 ? "" : `?${query}`;
}
