import type { Unsupported } from "../../core/source.ts";
import type { BrowsePathSettings, NodeSettings } from "./node_settings.ts";
import type { OpcuaSettings } from "./settings.ts";

/** Settings that parse and that this version cannot do. Paths begin at the entry in `sources[]`. */
export function unsupportedOpcua(settings: OpcuaSettings): readonly Unsupported[] {
  return [...unsupportedSession(settings), ...settings.nodes.flatMap(unsupportedNode)].map(({ path, message }) => ({
    path: ["opcua", ...path],
    message,
  }));
}

function* unsupportedSession(settings: OpcuaSettings): Iterable<Unsupported> {
  if (settings.mode === "poll") yield refuse(["mode"], "poll is not supported by this version: use subscription");
}

function unsupportedNode(node: NodeSettings, index: number): readonly Unsupported[] {
  const found = [...unsupportedItem(node), ...("browse_path" in node ? unsupportedBrowse(node) : [])];
  return found.map(({ path, message }) => ({ path: ["nodes", index, ...path], message }));
}

function* unsupportedItem(node: NodeSettings): Iterable<Unsupported> {
  if (node.deadband?.type === "percent") {
    yield refuse(["deadband", "type"], "percent is not supported by this version: use absolute");
  }
}

function* unsupportedBrowse(node: BrowsePathSettings): Iterable<Unsupported> {
  const oneLevel = "this version reads the variables directly under the object";
  if (node.recursive) yield refuse(["recursive"], `true is not supported: ${oneLevel}`);
  if (node.depth > 1) yield refuse(["depth"], `${node.depth} is not supported: ${oneLevel}`);
  if (node.include !== "*") yield refuse(["include"], "is not supported by this version: leave it out");
  if (node.exclude !== null) yield refuse(["exclude"], "is not supported by this version: leave it out");
  if (node.rebrowse_interval_seconds > 0) {
    yield refuse(
      ["rebrowse_interval_seconds"],
      "is not supported by this version: paths are resolved at every connect",
    );
  }
}

function refuse(path: readonly (string | number)[], message: string): Unsupported {
  return { path, message };
}
