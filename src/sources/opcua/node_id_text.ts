import { coerceNodeId, NodeId } from "node-opcua-client";

/** The node that a text names in a session with these namespaces. @returns the URI that the server does not have */
export function parseNodeId(text: string, uris: readonly string[]): NodeId | { readonly missing: string } {
  const [, uri, rest] = text.match(/^nsu=([^;]+);(.*)$/s) ?? [];
  if (uri === undefined) return coerceNodeId(text);
  const index = uris.indexOf(decodeURIComponent(uri));
  return index < 0 ? { missing: uri } : coerceNodeId(`ns=${index};${rest}`);
}

/** A node id with its namespace by URI, which stays when the server numbers its namespaces anew. */
export function nodeIdText(nodeId: NodeId, uris: readonly string[]): string {
  const id = nodeId.toString().replace(/^ns=\d+;/, "");
  if (nodeId.namespace === 0) return id;
  const uri = uris[nodeId.namespace];
  if (!uri) return `ns=${nodeId.namespace};${id}`;
  return `nsu=${uri.replaceAll("%", "%25").replaceAll(";", "%3B")};${id}`;
}
