import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import {
  doubtsOf,
  type Entered,
  keepEntries,
  keptEntries,
  missingIn,
  zerobusOf,
} from "../../src/web/client/first_steps.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import { TextField } from "../parts/field.tsx";
import { Note } from "../parts/state.tsx";
import { AskAdministrator } from "./ask_administrator.tsx";
import { TestedConnection, useConnectionTest } from "./connection_test.tsx";

interface Question {
  readonly key: keyof Entered;
  readonly label: string;
  readonly help: string;
  readonly placeholder?: string;
}

const QUESTIONS: readonly Question[] = [
  {
    key: "workspace",
    label: "Workspace address",
    help: "Open Databricks in the browser, and copy the beginning of the address, up to the first single slash.",
    placeholder: "https://your-workspace.cloud.databricks.com",
  },
  {
    key: "endpoint",
    label: "Zerobus endpoint",
    help:
      "Workspace number, then zerobus, then region. The number stands in the workspace's address behind ?o= (on Azure behind adb-); the region is that of the workspace.",
    placeholder: "1234567890.zerobus.eu-west-1.cloud.databricks.com",
  },
  {
    key: "clientId",
    label: "Client ID",
    help:
      "The application ID of a service principal: in the workspace, Settings, Identity and access, Service principals.",
    placeholder: "11111111-2222-3333-4444-555555555555",
  },
  {
    key: "secret",
    label: "Client secret",
    help:
      "On the page of that service principal: Secrets, Generate secret. It is shown there once, and kept here sealed.",
  },
  { key: "catalog", label: "Catalog", help: "Where the tables are, or will be: Catalog in the workspace's side bar." },
  {
    key: "schema",
    label: "Schema",
    help: "The schema of the tables in that catalog; it holds one table per protocol.",
  },
];

interface FirstWorkspaceProps {
  readonly isBusy: boolean;
  readonly onSave: (patch: JsonObject) => void;
}

/** Connects a workspace: what each value is and where it is found, a test, saving, and what to ask for. */
export function FirstWorkspace({ isBusy, onSave }: FirstWorkspaceProps): VNode {
  const entered = useSignal<Entered>(keptEntries());
  const wasTried = useSignal(false);
  const testing = useConnectionTest();
  /** What was tested last, and did not work. */
  const failed = useSignal<Entered | undefined>(undefined);
  const missing = missingIn(entered.value);
  const doubts = doubtsOf(entered.value);
  const patch = { zerobus: zerobusOf(entered.value) };
  function set(key: keyof Entered, text: string): void {
    entered.value = { ...entered.value, [key]: text };
    keepEntries(entered.value);
  }
  async function test(): Promise<boolean> {
    wasTried.value = true;
    if (missing.length > 0 || testing.isRunning) return false;
    const tested = entered.value;
    const isHealthy = await testing.start(patch) === true;
    failed.value = isHealthy ? undefined : tested;
    return isHealthy && tested === entered.value;
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (await test()) onSave(patch);
  }
  return (
    <>
      <form class="panel panel-body" noValidate onSubmit={submit}>
        <div class="fields">
          {QUESTIONS.map(({ key, label, help, placeholder }) => (
            <TextField
              key={key}
              label={label}
              help={help}
              {...(placeholder === undefined ? {} : { placeholder })}
              type={key === "secret" ? "password" : "text"}
              autocomplete={key === "secret" ? "new-password" : "off"}
              value={entered.value[key]}
              fault={doubts[key] ?? (wasTried.value && missing.includes(key) ? "This is needed" : undefined)}
              onInput={(text) => set(key, text)}
            />
          ))}
        </div>
        {wasTried.value && missing.length > 0
          ? (
            <Note level="bad" isUrgent>
              {missing.length === 1 ? "One value is" : `${missing.length} values are`} missing.
            </Note>
          )
          : null}
        <div class="actions">
          <button class="button button-main" type="submit" disabled={isBusy || testing.isRunning}>Test and save</button>
          <span class="soft">What you entered stays in this browser until then, but for the secret.</span>
        </div>
        {failed.value === entered.value ? <SaveAnyway isBusy={isBusy} onSave={() => onSave(patch)} /> : null}
      </form>
      <TestedConnection testing={testing} onStart={() => void test()}>Tests what stands in the form</TestedConnection>
      <AskAdministrator entered={entered.value} />
    </>
  );
}

/** For who waits for a grant or a firewall, and goes on meanwhile. */
function SaveAnyway({ isBusy, onSave }: { readonly isBusy: boolean; readonly onSave: () => void }): VNode {
  return (
    <Note level="warn" isUrgent>
      <span>
        The test below failed, and nothing was saved. Where only your administrator can mend it, save all the same: rows
        wait in the connector until they can be written.
      </span>
      <button class="button" type="button" disabled={isBusy} onClick={onSave}>Save although it failed</button>
    </Note>
  );
}
