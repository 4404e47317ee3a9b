import type { z } from "zod";
import { valueAt } from "./walk.ts";

type Issue = z.core.$ZodIssue;

/** Which member of a union the value was meant for, or why that cannot be said. */
export type Choice = { readonly issues: readonly Issue[] } | { readonly message: string };

/** Chooses by keys: the member that lacks the fewest and knows the most of those that are there. */
export function choose(members: readonly (readonly Issue[])[], value: unknown): Choice {
  const isMissing = ({ path }: Issue) => path.length === 1 && valueAt(value, path) === undefined;
  const misfit = (issues: readonly Issue[]) => issues.flatMap(unknownKeys).length + issues.filter(isMissing).length;
  const [first = []] = members;
  if (members.every((issues) => issues.some(isAboutTheWhole))) return { issues: first.filter(isAboutTheWhole) };
  const misfits = members.map(misfit);
  const least = Math.min(...misfits);
  if (misfits.filter((each) => each === least).length === 1) return { issues: members[misfits.indexOf(least)] ?? [] };
  const unknown = first.flatMap(unknownKeys).filter((key) =>
    members.every((each) => each.flatMap(unknownKeys).includes(key))
  );
  if (unknown.length > 0) return { issues: [{ code: "unrecognized_keys", keys: unknown, path: [], message: "" }] };
  const missing = members.flatMap((issues) => issues.filter(isMissing).map(({ path }) => path.join(".")));
  if (missing.length > 0) return { message: `must have one of ${[...new Set(missing)].join(", ")}` };
  return {
    message: `has keys that exclude each other: ${[...new Set(members.flat().flatMap(unknownKeys))].join(", ")}`,
  };
}

function unknownKeys(issue: Issue): readonly string[] {
  return issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [];
}

function isAboutTheWhole({ code, path }: Issue): boolean {
  return path.length === 0 && code !== "unrecognized_keys";
}
