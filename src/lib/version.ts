import project from "../../deno.json" with { type: "json" };

/** The connector's own version (semver.org). */
export const VERSION: string = project.version;

/** No host's clock is right that is behind this: microseconds since 1970-01-01 UTC. Each release moves it ahead. */
export const RELEASED_US = Date.UTC(2026, 8, 1) * 1000;

/** The oldest Deno that the program runs on: before it, TLS and timers lose data. */
const MIN_DENO = [2, 9, 4] as const;

/** Why this Deno is too old; undefined when it is not. */
export function denoFault(version: string): string | undefined {
  const parts = version.split(/[.+-]/, 3).map(Number);
  const difference = MIN_DENO.map((least, index) => (parts[index] ?? 0) - least).find((each) => each !== 0) ?? 0;
  if (difference >= 0) return undefined;
  return `This is Deno ${version}; the connector needs ${MIN_DENO.join(".")} or later.`;
}
