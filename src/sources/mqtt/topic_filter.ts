/** Most bytes of a topic filter or name (MQTT 5, 1.5.4: the length of a string is two bytes). */
const MAX_BYTES = 65_535;

/**
 * What is wrong with `filter` as a topic filter (MQTT 5, 4.7 and 4.8.2), for a person; undefined when nothing is.
 */
export function topicFilterFault(filter: string): string | undefined {
  if (filter.includes("\0")) return "must not hold the character U+0000";
  if (new TextEncoder().encode(filter).length > MAX_BYTES) return "must not be longer than 65535 bytes";
  if (filter.startsWith("$share/") && !/^\$share\/[^/+#]+\/./.test(filter)) {
    return "a shared subscription looks like $share/<group>/<topic filter>";
  }
  const levels = levelsOf(filter);
  if (levels.length === 1 && levels[0] === "") return "must not be empty";
  for (const [i, level] of levels.entries()) {
    if (level.includes("#") && (level !== "#" || i < levels.length - 1)) return "# must be the whole of the last level";
    if (level.includes("+") && level !== "+") return "+ must be the whole of its level";
  }
  return undefined;
}

/** Whether the broker shares out what matches among the members of a group (MQTT 5, 4.8.2). */
export function isShared(filter: string): boolean {
  return filter.startsWith("$share/");
}

/** The levels that topics are compared with: those after the group, in a shared subscription. */
export function levelsOf(filter: string): string[] {
  const levels = filter.split("/");
  return filter.startsWith("$share/") ? levels.slice(2) : levels;
}

/**
 * Whether a topic's levels match a filter's levels. A wildcard at the first level does not match topics of the broker's
 * own, which begin with `$` (MQTT 5, 4.7.2).
 */
export function matchesTopic(filter: readonly string[], topic: readonly string[]): boolean {
  const first = filter[0];
  if ((first === "+" || first === "#") && topic[0]?.startsWith("$")) return false;
  for (const [i, level] of filter.entries()) {
    if (level === "#") return true; // also the parent level itself: a/# matches a
    if (i >= topic.length) return false;
    if (level !== "+" && level !== topic[i]) return false;
  }
  return filter.length === topic.length;
}
