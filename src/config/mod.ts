export { effectiveYaml } from "./describe.ts";
export { ConfigFileError, type Finding, findingLine } from "./finding.ts";
export { CONFIG_FILE, loadConfig, type LoadedConfig, type LoadOptions } from "./load.ts";
export { type Config, configSchema } from "./schema.ts";
export type { SourceEntry } from "./source_entry.ts";
