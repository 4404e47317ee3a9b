import type { RegisterType } from "./address.ts";
import type { ReadRequest, Slice } from "./plan.ts";

const ONE: Readonly<Record<RegisterType, string>> = {
  coil: "coil",
  discrete: "discrete input",
  input: "input register",
  holding: "holding register",
};

/** What a request reads, for people: `input registers 203 to 204`, by protocol addresses. */
export function placeOf({ registerType, start, count }: ReadRequest): string {
  return count === 1 ? `${ONE[registerType]} ${start}` : `${ONE[registerType]}s ${start} to ${start + count - 1}`;
}

/** The values of a slice by the names of their tags: `ir` for the whole entry, `ir[78]`, `ir[78..79]`. */
export function tagOfSlice({ mapping, first, values }: Slice): string {
  if (values === mapping.tags.length) return mapping.name;
  const last = first + values - 1;
  return `${mapping.name}[${first === last ? first : `${first}..${last}`}]`;
}
