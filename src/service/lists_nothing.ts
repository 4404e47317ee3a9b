import type { SourceConfig, SourceSpec } from "../core/source.ts";

/** Whether a source has nothing to read yet, as it may while its form is filled in or while it is disabled. */
export function listsNothing({ list }: SourceSpec, { settings }: SourceConfig): boolean {
  if (typeof settings !== "object" || settings === null) return false;
  const listed: unknown = Reflect.get(settings, list);
  return Array.isArray(listed) && listed.length === 0;
}
