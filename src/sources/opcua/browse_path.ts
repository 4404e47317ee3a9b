import { ConfigError } from "../../core/error.ts";

/** One step of a browse path. */
export interface PathStep {
  readonly namespace: number;
  readonly name: string;
}

/**
 * The steps of `0:Root/0:Objects/2:ProcessArea`, the Root left out. `&` before a character takes it as it is, also `/`
 * and `:` (OPC UA Part 4, A.2). A name without a namespace index is in namespace 0.
 * @throws {ConfigError} when it is not a path
 */
export function parseBrowsePath(path: string): readonly PathStep[] {
  const parts = path.replace(/^\//, "").match(/(?:&.|[^&/])+/g) ?? [];
  const steps = parts.map(parseStep);
  if (steps[0]?.namespace === 0 && steps[0].name === "Root") steps.shift();
  if (steps.length === 0) {
    throw new ConfigError("opcua_browse_path", `"${path}" is not a browse path such as 0:Root/0:Objects/2:ProcessArea`);
  }
  return steps;
}

function parseStep(part: string): PathStep {
  const [, namespace = "0", name = part] = part.match(/^(?:(\d+):)?(.*)$/s) ?? [];
  return { namespace: Number(namespace), name: name.replace(/&(.)/g, "$1") };
}

/** A step as it stands in a path. */
export function stepText({ namespace, name }: PathStep): string {
  return `${namespace}:${name.replace(/[&/:.<>#!]/g, "&$&")}`;
}
