import {
  CONFIG_FILE,
  ConfigFileError,
  findingLine,
  loadConfig,
  type LoadedConfig,
  type LoadOptions,
} from "../config/mod.ts";
import { linkFree } from "../core/home_file.ts";
import type { Call, Terminal } from "./command.ts";
import { printable } from "./printable.ts";

/** Reads what a configuration is made of. Links in the home are not followed. */
export function textReader(home: string): (path: string) => Promise<string> {
  return async (path) => await Deno.readTextFile(linkFree(home, path));
}

/** The configuration that a call names. Without `storeOf`, secrets that stand in a store cannot be had. Warnings, and the errors where there are some, go to standard error; then it is undefined. */
export async function loadOrExplain(
  { home, configFile }: Call,
  { env, err }: Terminal,
  storeOf?: LoadOptions["storeOf"],
): Promise<LoadedConfig | undefined> {
  try {
    const file = configFile === undefined ? {} : { file: configFile };
    const loaded = await loadConfig({
      home,
      env,
      readTextFile: textReader(home),
      ...file,
      ...(storeOf ? { storeOf } : {}),
    });
    for (const warning of loaded.warnings) err(`warning: ${printable(findingLine(loaded.file, warning))}\n`);
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    for (const finding of error.findings) {
      if (finding.severity === "error") err(`${printable(findingLine(configFile ?? CONFIG_FILE, finding))}\n`);
    }
    return undefined;
  }
}
