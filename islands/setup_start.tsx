import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Problem } from "../src/web/client/api.ts";
import { applyChange, type CurrentConfig, readConfig, settled, type Versioned } from "../src/web/client/config.ts";
import { forgetEntries, nextStep } from "../src/web/client/first_steps.ts";
import type { JsonObject } from "../src/web/client/form_model.ts";
import { problemIn, useLoaded } from "../src/web/client/loaded.ts";
import { ChoiceField } from "./parts/field.tsx";
import { ProblemNote, View } from "./parts/problem.tsx";
import { Note, State } from "./parts/state.tsx";
import { FirstSource } from "./setup_source.tsx";
import { FirstWorkspace } from "./zerobus/first_workspace.tsx";

export interface SetupStartProps {
  readonly role: string;
}

const STEPS = [["", "1 Administrator"], ["target", "2 Where rows go"], ["source", "3 First source"]] as const;

/** Leads through what an empty installation needs; what is done already is not asked for again. */
export function SetupStart({ role }: SetupStartProps): VNode {
  const { loaded, reload } = useLoaded(readConfig);
  return (
    <>
      <h1>First steps</h1>
      <View of={loaded.value} what="how far it is">
        {(current) => <Step current={current} role={role} onDone={reload} />}
      </View>
    </>
  );
}

interface StepProps extends SetupStartProps {
  readonly current: Versioned<CurrentConfig>;
  readonly onDone: () => void;
}

function Step({ current, role, onDone }: StepProps): VNode {
  const step = nextStep(current.value.config);
  useEffect(() => {
    if (step === "done") location.replace("/monitoring");
  }, [step]);
  if (step === "done") {
    return (
      <p role="status">
        <State level="ok">Everything is set up.</State>
      </p>
    );
  }
  const why = current.value.read_only
    ? `This installation is configured by ${current.value.file} alone (gui.read_only).`
    : role === "administrator"
    ? undefined
    : "Only an administrator can set this up.";
  return (
    <>
      <ol class="steps" aria-label="First steps">
        {STEPS.map(([id, text]) => (
          <li key={id} aria-current={id === step ? "step" : undefined}>
            {id === "target" && step === "source" ? <a href="/zerobus">{text}</a> : text}
          </li>
        ))}
      </ol>
      {why === undefined
        ? step === "target" ? <Target version={current.version} onDone={onDone} /> : <FirstSource />
        : <Note level="idle">{why}</Note>}
    </>
  );
}

interface TargetProps {
  readonly version: string | undefined;
  readonly onDone: () => void;
}

const WAYS = [["zerobus", "A Databricks workspace"], ["local", "A local file, to try it without a workspace"]] as const;

function Target({ version, onDone }: TargetProps): VNode {
  const way = useSignal<string>("zerobus");
  const { problem, isBusy, save } = useSaving(version, onDone);
  return (
    <>
      <p class="soft">
        The connector reads devices and writes what they say to tables. Where should the rows go?
      </p>
      <div class="panel panel-body">
        <ChoiceField label="Rows go to" value={way.value} options={WAYS} onChange={(value) => way.value = value} />
        {way.value === "local"
          ? (
            <>
              <p class="soft">
                Rows go to the file data/local.db of the connector's host. A workspace can be connected at any time.
              </p>
              <div class="actions">
                <button class="button button-main" type="button" disabled={isBusy} onClick={() => save(LOCAL)}>
                  Use the local file
                </button>
              </div>
            </>
          )
          : null}
      </div>
      {problem ? <ProblemNote problem={problem} /> : null}
      {isBusy
        ? (
          <p role="status">
            <State level="busy">Saving; the connector starts anew, some seconds.</State>
          </p>
        )
        : null}
      {way.value === "zerobus" ? <FirstWorkspace isBusy={isBusy} onSave={save} /> : null}
    </>
  );
}

const LOCAL: JsonObject = { local_sink: { enabled: true } };

interface Saving {
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  save(patch: JsonObject): Promise<void>;
}

function useSaving(version: string | undefined, onDone: () => void): Saving {
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  async function save(patch: JsonObject): Promise<void> {
    isBusy.value = true;
    problem.value = undefined;
    try {
      // What cannot be reached now is tried until it can: the test says why.
      const failure = await settled(await applyChange(patch, { version, evenIfDown: true }));
      if (failure === undefined) forgetEntries();
      else problem.value = { status: 409, code: "change_not_applied", title: "It was taken back", detail: failure };
      if (failure === undefined) onDone();
    } catch (error) {
      problem.value = problemIn(error);
    }
    isBusy.value = false;
  }
  return { problem: problem.value, isBusy: isBusy.value, save };
}
