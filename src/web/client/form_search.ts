/** Finding settings by their names and by what is said of them. */
import { pathTo } from "./form_faults.ts";
import type { FormField, FormNode } from "./form_model.ts";

/** Fields in which every word of `text` is found; one whose own words have them keeps all that is in it. */
export function foundFields(fields: readonly FormField[], text: string, path = ""): readonly FormField[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? fields : fields.flatMap((field) => found(field, words, path));
}

function found(field: FormField, words: readonly string[], path: string): readonly FormField[] {
  const { key, label, help, node } = field;
  const at = pathTo(path, key);
  if (node.kind === "fixed") return [];
  const own = `${at} ${label} ${help}`.toLowerCase();
  if (words.every((word) => own.includes(word))) return [field];
  if (node.kind !== "group") return insideOf(node).some((each) => found(each, words, at).length > 0) ? [field] : [];
  const fields = node.fields.flatMap((each) => found(each, words, at));
  return fields.length > 0 ? [{ ...field, node: { ...node, fields } }] : [];
}

/** Entries of lists and shapes of an object are no settings of their own: they are found as a whole. */
function insideOf(node: FormNode): readonly FormField[] {
  if (node.kind === "variants") return node.variants.flatMap(({ node }) => node.fields);
  if (node.kind === "list") return node.item.kind === "group" ? node.item.fields : insideOf(node.item);
  return node.kind === "group" ? node.fields : [];
}

/** How many settings there are in them. */
export function countOf(fields: readonly FormField[]): number {
  return fields.reduce((sum, { node }) => {
    if (node.kind === "fixed") return sum;
    return sum + (node.kind === "group" ? countOf(node.fields) : 1);
  }, 0);
}
