import { ConfigFileError, type Finding, findingLine, loadConfig, type LoadedConfig } from "../../src/config/mod.ts";

/** What a configuration is read from, in place of a file, an environment and mounted secrets. */
export interface ConfigWorld {
  readonly env?: Readonly<Record<string, string>>;
  /** Path to text; other files do not exist. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Loads this YAML text as the file `c.yaml`. */
export function loadText(yaml: string, { env = {}, files = {} }: ConfigWorld = {}): Promise<LoadedConfig> {
  const all: Readonly<Record<string, string>> = { ...files, "/home/c.yaml": yaml };
  return loadConfig({
    home: "/home",
    file: "c.yaml",
    env: (name) => env[name],
    readTextFile: (path) => {
      const text = all[path];
      return text === undefined ? Promise.reject(new Deno.errors.NotFound(path)) : Promise.resolve(text);
    },
  });
}

/** What is wrong with this YAML text; throws what else loading throws. */
export async function findingsOf(yaml: string, world: ConfigWorld = {}): Promise<readonly Finding[]> {
  try {
    return (await loadText(yaml, world)).warnings;
  } catch (error) {
    if (error instanceof ConfigFileError) return error.findings;
    throw error;
  }
}

/** `c.yaml:14:7 sources[0].name: …`, for errors only. */
export async function errorLines(yaml: string, world: ConfigWorld = {}): Promise<string[]> {
  const findings = await findingsOf(yaml, world);
  return findings.filter(({ severity }) => severity === "error").map((each) => findingLine("c.yaml", each));
}
