import type { VNode } from "preact";
import { type CurrentConfig, readConfig, readSchema, type Versioned } from "../src/web/client/config.ts";
import { useEditing } from "../src/web/client/editing.ts";
import { fieldOf, type FormField, type FormNode, type JsonObject } from "../src/web/client/form_model.ts";
import { patchBetween, pruned } from "../src/web/client/form_value.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { ChangeDialog } from "./form/change_dialog.tsx";
import { GroupForm } from "./form/node_form.tsx";
import { Origins } from "./form/origins.ts";
import { SaveBar } from "./form/save_bar.tsx";
import { View } from "./parts/problem.tsx";
import { Note } from "./parts/state.tsx";

export interface ConfigPageProps {
  readonly title: string;
  readonly intro: string;
  /** The blocks of the configuration that it shows. */
  readonly blocks: readonly string[];
  readonly role: string;
}

interface Given {
  readonly current: Versioned<CurrentConfig>;
  readonly node: FormNode & { readonly kind: "group" };
}

/** Some blocks of the configuration, as a form made from the schema. */
export function ConfigPage({ title, intro, blocks, role }: ConfigPageProps): VNode {
  const { loaded, reload } = useLoaded((signal) => readGiven(blocks, signal));
  return (
    <>
      <h1>{title}</h1>
      <p class="soft">{intro}</p>
      <View of={loaded.value} what="the configuration">
        {(given) => <Blocks key={given.current.version} given={given} role={role} onDone={reload} />}
      </View>
    </>
  );
}

async function readGiven(blocks: readonly string[], signal: AbortSignal): Promise<Given> {
  const [current, schema] = await Promise.all([readConfig(signal), readSchema()]);
  const fields = blocks.flatMap((key) => {
    const block = schema.properties?.[key];
    return block ? fieldOf(key, block, false) : [];
  });
  return { current, node: { kind: "group", fields } };
}

interface BlocksProps {
  readonly given: Given;
  readonly role: string;
  readonly onDone: () => void;
}

function Blocks({ given: { current, node }, role, onDone }: BlocksProps): VNode {
  const before = setIn(current.value.config, node.fields);
  const editing = useEditing({ node, before, patchOf: (after) => patchBetween(before, after), prefix: /^/ });
  const why = whyFixed(current.value, role);
  return (
    <Origins.Provider value={(path) => current.value.origins[path]}>
      <form class="panel panel-body" noValidate onSubmit={submit}>
        {why ? <Note level="idle">{why}</Note> : null}
        <GroupForm node={node} value={editing.value} path="" faults={editing.faults} onChange={editing.set} />
        {why ? null : (
          <SaveBar
            isBusy={editing.isBusy}
            isChanged={editing.isChanged}
            faultCount={editing.faults.size}
            rest={editing.rest}
            onDiscard={editing.discard}
          />
        )}
      </form>
      {editing.planned
        ? <ChangeDialog {...editing.planned} version={current.version} onClose={editing.closeReview} onDone={done} />
        : null}
    </Origins.Provider>
  );
  function submit(event: Event): void {
    event.preventDefault();
    editing.review();
  }
  function done(): void {
    editing.closeReview();
    onDone();
  }
}

function whyFixed({ read_only, file }: CurrentConfig, role: string): string | undefined {
  if (read_only) return `This installation is configured by ${file} alone (gui.read_only).`;
  return role === "administrator" ? undefined : "Only an administrator changes these.";
}

/** What is not the default. */
function setIn(config: JsonObject, fields: readonly FormField[]): JsonObject {
  return (pruned(config, { kind: "group", fields }) ?? {}) as JsonObject; // a group stays an object
}
