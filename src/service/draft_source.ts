/** A source as a form has it, saved or not, for a look at its device. */
import type { SourceEntry, StatePatch } from "../config/mod.ts";
import { ConfigError } from "../core/error.ts";
import { SOURCES } from "../sources/mod.ts";
import type { ConfigService } from "./config_service.ts";

/** What a form has: a merge patch of the source that `name` names; without a name it is a new one. */
export type SourceDraft = Readonly<Record<string, unknown>>;

/** What it is called where nobody has named it yet. */
const NEW = "new_source";

export interface DraftOptions {
  /** With its list of what is read; else that is empty, and what is wrong there keeps nobody from looking. */
  readonly keepsList?: boolean;
}

/**
 * The source of a draft. Secrets that it does not name are those of the saved source, where they go the same way.
 * @throws {ConfigFileError} with everything that is wrong with it, and with secrets that must be entered
 */
export async function entryOfDraft(
  draft: SourceDraft,
  service: ConfigService,
  { keepsList = false }: DraftOptions = {},
): Promise<SourceEntry> {
  const saved = service.loaded.sources.find(({ config }) => config.name === draft.name);
  const name = typeof draft.name === "string" ? draft.name : freeName(service.loaded.sources);
  const protocol = draft.protocol ?? saved?.spec.type;
  const spec = SOURCES.find(({ type }) => type === protocol);
  if (!spec) throw new ConfigError("protocol_unknown", `There is no protocol ${String(protocol)}`);
  const block = draft[spec.type];
  const isEmptied = !keepsList || (!saved && !(isObject(block) && spec.list in block));
  const wanted = { ...isObject(block) ? block : {}, ...isEmptied ? { [spec.list]: [] } : {} };
  // Disabled: what only sources that run must have is not asked for, and no other one is in its way.
  const change: StatePatch = { sources: [{ ...draft, name, enabled: false, [spec.type]: wanted }] };
  const entry = (await service.draft(change)).sources.find(({ config }) => config.name === name);
  if (!entry) throw new ConfigError("no_source", "There is no source of this name");
  return entry;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function freeName(sources: readonly SourceEntry[]): string {
  const taken = new Set(sources.map(({ config }) => config.name));
  let name = NEW;
  for (let n = 2; taken.has(name); n++) name = `${NEW}_${n}`;
  return name;
}
