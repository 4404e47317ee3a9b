import { ConfigError } from "../core/error.ts";
import type { Path, Position } from "./yaml_file.ts";

/** Something about the file that a person must know. */
export interface Finding extends Position {
  /** error: the connector does not start. warning: it does. */
  readonly severity: "error" | "warning";
  /** Where it is not the configuration itself that it stands in: a profile that a source names. */
  readonly file?: string;
  /** `sources[0].opcua.nodes[1]`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** `config/connector.yaml:14:7 sources[0].opcua.nodes[1]: …` */
export function findingLine(config: string, { file = config, line, column, path, message }: Finding): string {
  return `${file}:${line}:${column} ${path === "" ? "" : `${path}: `}${message}`;
}

/** `sources[0].opcua` */
export function pathText(path: Path): string {
  return path.map((key, i) => typeof key === "number" ? `[${key}]` : `${i === 0 ? "" : "."}${String(key)}`).join("");
}

/** The file cannot be used. `message` has a line for each error. */
export class ConfigFileError extends ConfigError {
  readonly findings: readonly Finding[];

  constructor(file: string, findings: readonly Finding[]) {
    const lines = findings.filter(({ severity }) => severity === "error").map((each) => findingLine(file, each));
    super("config_invalid", lines.join("\n"));
    this.findings = findings;
  }
}
