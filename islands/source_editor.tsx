import type { VNode } from "preact";
import { type CurrentConfig, readConfig, readSchema, sourceNamed, type Versioned } from "../src/web/client/config.ts";
import type { SourceForm } from "../src/web/client/draft.ts";
import { useEditing } from "../src/web/client/editing.ts";
import { type FormNode, type Json, type JsonObject, nodeOf, type Variant } from "../src/web/client/form_model.ts";
import { beginning, patchBetween, pruned, variantFor } from "../src/web/client/form_value.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { EditForm } from "./form/edit_form.tsx";
import { GroupForm } from "./form/node_form.tsx";
import { originOf } from "./form/origins.ts";
import { ChoiceField } from "./parts/field.tsx";
import { View } from "./parts/problem.tsx";
import { Note } from "./parts/state.tsx";
import { OpcuaNodes } from "./sources/opcua_nodes.tsx";
import { SourceTools } from "./sources/source_tools.tsx";

export interface SourceEditorProps {
  /** Of the source that is changed; absent for a new one. */
  readonly name?: string;
  /** Of the source that a new one begins as a copy of. */
  readonly like?: string;
}

interface Given {
  readonly current: Versioned<CurrentConfig>;
  readonly variants: readonly Variant[];
}

/** Adds a source, or changes one. */
export function SourceEditor({ name, like }: SourceEditorProps): VNode {
  const { loaded } = useLoaded(readGiven);
  return (
    <>
      <p class="small">
        <a href="/sources">Data sources</a>
      </p>
      <h1 class="break">{name === undefined ? "New source" : `Edit ${name}`}</h1>
      <View of={loaded.value} what="the form">
        {(given) => {
          const wanted = name ?? like;
          const found = wanted === undefined ? undefined : sourceNamed(given.current.value.config, wanted);
          if (name !== undefined && !found) return <Note level="bad">There is no source {name}.</Note>;
          return <Editor given={given} found={found} isNew={name === undefined} />;
        }}
      </View>
    </>
  );
}

async function readGiven(signal: AbortSignal): Promise<Given> {
  const [current, schema] = await Promise.all([readConfig(signal), readSchema()]);
  const items = schema.properties?.sources?.items;
  const node = items && nodeOf(items);
  return { current, variants: node?.kind === "variants" ? node.variants : [] };
}

/** What a source reads stands in one of these. */
const MAIN_LISTS = ["registers", "nodes", "topics"];

interface EditorProps {
  readonly given: Given;
  readonly found: JsonObject | undefined;
  readonly isNew: boolean;
}

function Editor({ given: { current, variants }, found, isNew }: EditorProps): VNode {
  const node: FormNode = { kind: "variants", variants };
  const set = (pruned(found, node) ?? {}) as JsonObject; // the entry of a source is an object
  const first = variants[0] ? beginning(variants[0]) : {};
  const { name: _name, ...copy } = set;
  const before = isNew ? first : set;
  const editing = useEditing({
    node,
    before,
    begin: isNew && found ? copy : before,
    patchOf: (after) => ({ sources: [isNew ? after : { ...patchBetween(set, after), name: set.name ?? "" }] }),
    prefix: /^sources\[[^\]]*\]\.?/,
  });
  const variant = variantFor(variants, editing.value);
  const form = variant && formOf(variant, { value: editing.value, saved: isNew ? undefined : set });
  const index = indexOf(current.value.config.sources, found);
  const why = current.value.read_only ? "This installation is configured by files alone (gui.read_only)." : undefined;
  const origins = isNew ? () => undefined : originOf(current.value, `sources[${index}].`);
  return (
    <EditForm editing={editing} version={current.version} originOf={origins} why={why} onDone={leave}>
      {isNew
        ? (
          <ChoiceField
            label="Protocol"
            value={variant?.title ?? ""}
            options={variants.map(({ title }) => [title, title] as const)}
            help={variant?.help}
            onChange={choose}
          />
        )
        : null}
      {variant
        ? (
          <GroupForm
            node={fieldsFor(variant, isNew)}
            value={editing.value}
            path=""
            faults={editing.faults}
            onChange={editing.set}
          />
        )
        : null}
      {variant?.title === "opcua"
        ? (
          <OpcuaNodes
            value={editing.value}
            saved={isNew ? undefined : set}
            onChange={editing.set}
            onFaults={editing.tell}
          />
        )
        : null}
      {form && why === undefined ? <SourceTools form={form} onChange={editing.set} onFaults={editing.tell} /> : null}
    </EditForm>
  );
  function choose(title: string): void {
    const chosen = variants.find((each) => each.title === title);
    if (!chosen) return;
    const { name, endpoint, labels } = editing.value;
    const kept = Object.entries({ name, endpoint, labels }).filter(([, value]) => value !== undefined);
    editing.set({ ...beginning(chosen), ...Object.fromEntries(kept) as JsonObject });
  }
  function leave(): void {
    // The first steps end where rows arrive.
    const isFirst = new URLSearchParams(location.search).has("first");
    location.assign(isFirst ? "/monitoring" : `/sources/${encodeURIComponent(String(editing.value.name))}`);
  }
}

/** What the source's device is tried out with; undefined for a protocol that has no list of what it reads. */
function formOf({ title, node }: Variant, rest: Pick<SourceForm, "value" | "saved">): SourceForm | undefined {
  const block = node.fields.find(({ key }) => key === title)?.node;
  const fields = block?.kind === "group" ? block.fields : [];
  const main = fields.find(({ key }) => MAIN_LISTS.includes(key));
  return main?.node.kind === "list" ? { ...rest, protocol: title, list: main.key, item: main.node.item } : undefined;
}

/** A source keeps its name: it is what its rows are known by. */
function fieldsFor({ node }: Variant, isNew: boolean): FormNode & { kind: "group" } {
  return isNew ? node : { ...node, fields: node.fields.filter(({ key }) => key !== "name") };
}

function indexOf(sources: Json | undefined, found: JsonObject | undefined): number {
  return Array.isArray(sources) && found ? sources.indexOf(found) : -1;
}
