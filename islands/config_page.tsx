import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { type CurrentConfig, readConfig, readSchema, type Versioned } from "../src/web/client/config.ts";
import { useEditing } from "../src/web/client/editing.ts";
import { fieldOf, type FormField, type FormNode, type JsonObject } from "../src/web/client/form_model.ts";
import { countOf, foundFields } from "../src/web/client/form_search.ts";
import { patchBetween, pruned } from "../src/web/client/form_value.ts";
import { nextStep } from "../src/web/client/first_steps.ts";
import { useLoaded } from "../src/web/client/loaded.ts";
import { Copies } from "./history/copies.tsx";
import { EditForm } from "./form/edit_form.tsx";
import { GroupForm } from "./form/node_form.tsx";
import { originOf, Unfolded } from "./form/origins.ts";
import { TextField } from "./parts/field.tsx";
import { View } from "./parts/problem.tsx";
import { Note } from "./parts/state.tsx";
import { ConnectionTest } from "./zerobus/connection_test.tsx";

export interface ConfigPageProps {
  readonly title: string;
  readonly intro: string;
  /** The blocks of the configuration that it shows. */
  readonly blocks: readonly string[];
  readonly role: string;
  /** Whether the way to Databricks can be tested from here. */
  readonly hasTest?: boolean;
  /** Whether it offers the whole configuration as a file. */
  readonly hasCopies?: boolean;
}

interface Given {
  readonly current: Versioned<CurrentConfig>;
  readonly node: FormNode & { readonly kind: "group" };
}

/** Some blocks of the configuration, as a form made from the schema. */
export function ConfigPage({ title, intro, blocks, role, hasTest = false, hasCopies = false }: ConfigPageProps): VNode {
  const { loaded, reload } = useLoaded((signal) => readGiven(blocks, signal));
  return (
    <>
      <div class="head">
        <h1>{title}</h1>
        {hasCopies && loaded.value.state === "ready"
          ? (
            <div class="actions">
              <Copies canChange={whyFixed(loaded.value.value.current.value, role) === undefined} onDone={reload} />
            </div>
          )
          : null}
      </div>
      <View of={loaded.value} what="the configuration">
        {(given) => (
          <>
            {hasTest && nextStep(given.current.value.config) === "target" ? <FirstSteps /> : null}
            <Told intro={intro} blocks={blocks} current={given.current.value} />
            <Blocks key={given.current.version} given={given} role={role} hasTest={hasTest} onDone={reload} />
          </>
        )}
      </View>
    </>
  );
}

function FirstSteps(): VNode {
  return (
    <Note level="idle">
      Rows have no place to go yet. <a href="/start">First steps</a>{" "}
      lead through it: what each value is, and where it is found.
    </Note>
  );
}

interface ToldProps extends Pick<ConfigPageProps, "intro" | "blocks"> {
  readonly current: CurrentConfig;
}

/** What wins, and what a change costs: said once, since it holds for almost all of them. */
function Told({ intro, blocks, current: { file, live } }: ToldProps): VNode {
  const atOnce = live.filter((key) => blocks.some((block) => key.startsWith(`${block}.`)));
  return (
    <p class="soft">
      {intro} A value that is set here wins over{" "}
      {file}; emptied, it is again as the file or the default says. A change starts the connector anew inside its
      process: some seconds, in which nothing is lost.
      {atOnce.length > 0 ? ` Without that, ${atOnce.join(" and ")} take effect.` : ""}
    </p>
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
  readonly hasTest: boolean;
  readonly onDone: () => void;
}

function Blocks({ given: { current, node }, role, hasTest, onDone }: BlocksProps): VNode {
  const before = setIn(current.value.config, node.fields);
  const editing = useEditing({ node, before, patchOf: (after) => patchBetween(before, after), prefix: /^/ });
  const text = useSignal("");
  const fields = foundFields(node.fields, text.value);
  const why = whyFixed(current.value, role);
  const form = { value: editing.value, path: "", faults: editing.faults, onChange: editing.set };
  return (
    <>
      <EditForm
        editing={editing}
        version={current.version}
        originOf={originOf(current.value)}
        why={why}
        onDone={onDone}
        head={<SettingsSearch text={text.value} fields={fields} onInput={(now) => text.value = now} />}
      >
        <Unfolded.Provider value={text.value.trim() !== ""}>
          <GroupForm node={{ kind: "group", fields }} {...form} />
        </Unfolded.Provider>
      </EditForm>
      {hasTest && role !== "viewer" ? <ConnectionTest draft={zerobusDraft(before, editing.value)} /> : null}
    </>
  );
}

interface SettingsSearchProps {
  readonly text: string;
  readonly fields: readonly FormField[];
  readonly onInput: (text: string) => void;
}

function SettingsSearch({ text, fields, onInput }: SettingsSearchProps): VNode {
  const count = countOf(fields);
  const found = count === 0 ? "No setting matches." : count === 1 ? "1 setting" : `${count} settings`;
  return (
    <div class="filters">
      <div class="grow">
        <TextField label="Find a setting" type="search" value={text} onInput={onInput} />
      </div>
      <span class="soft" role="status">{text.trim() === "" ? "" : found}</span>
    </div>
  );
}

/** What the form changes of the way to Databricks; undefined where that is nothing. */
function zerobusDraft(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const { zerobus } = patchBetween(before, after);
  return zerobus === undefined ? undefined : { zerobus };
}

function whyFixed({ read_only, file }: CurrentConfig, role: string): string | undefined {
  if (read_only) return `This installation is configured by ${file} alone (gui.read_only).`;
  return role === "administrator" ? undefined : "Only an administrator changes these.";
}

/** What is not the default. */
function setIn(config: JsonObject, fields: readonly FormField[]): JsonObject {
  return (pruned(config, { kind: "group", fields }) ?? {}) as JsonObject; // a group stays an object
}
