import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { type Import, planChange, readImport } from "../../src/web/client/config.ts";
import { type JsonObject } from "../../src/web/client/form_model.ts";
import { withValueAt } from "../../src/web/client/json_path.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { ChangeDialog, type Planned } from "../form/change_dialog.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Field, TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";

interface ImportDialogProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Reads a configuration from a file, asks for secrets that are missing, and leads to the review of what would change. */
export function ImportDialog({ onClose, onDone }: ImportDialogProps): VNode {
  const found = useSignal<Import | undefined>(undefined);
  const entered = useSignal<Readonly<Record<string, string>>>({});
  const planned = useSignal<Planned | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const chosen = useSignal<File | undefined>(undefined);
  async function attempt(act: () => Promise<void>): Promise<void> {
    const own = chosen.value;
    isBusy.value = true;
    problem.value = undefined;
    try {
      await act();
    } catch (error) {
      if (chosen.value === own) problem.value = problemIn(error);
    }
    // An answer about a file that is not the chosen one any more says nothing.
    if (chosen.value === own) isBusy.value = false;
  }
  const choose = (file: File | undefined) => {
    chosen.value = file;
    return attempt(async () => {
      [found.value, entered.value] = [undefined, {}];
      const read = file && await readImport(await file.text());
      if (chosen.value === file) found.value = read;
    });
  };
  const review = () =>
    attempt(async () => {
      const patch = withSecrets(found.value?.patch ?? {}, entered.value);
      const own = chosen.value;
      const plan = await planChange(patch);
      if (chosen.value !== own) return;
      planned.value = { patch, plan, version: plan.version };
    });
  if (planned.value) {
    return <ChangeDialog {...planned.value} onClose={() => planned.value = undefined} onDone={onDone} />;
  }
  const isSame = found.value && Object.keys(found.value.patch).length === 0;
  const action = (
    <button class="button button-main" type="button" disabled={!found.value || isSame || isBusy.value} onClick={review}>
      Review the change
    </button>
  );
  return (
    <Dialog title="Import a configuration" onClose={onClose} closeText="Cancel" actions={action}>
      <p class="soft">
        A file that was exported from here or from another connector, or any connector.yaml. Afterwards this connector
        is configured as the file says; nothing has happened until you apply it.
      </p>
      <Field
        label="File"
        control={(props) => (
          <input
            {...props}
            type="file"
            accept=".yaml,.yml"
            onChange={(event) => choose(event.currentTarget.files?.[0])}
          />
        )}
      />
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      {isSame ? <Note level="ok">The file says what holds already.</Note> : null}
      {found.value ? <Secrets found={found.value} entered={entered} /> : null}
    </Dialog>
  );
}

interface SecretsProps {
  readonly found: Import;
  readonly entered: { value: Readonly<Record<string, string>> };
}

/** Files hold no secrets: those that are not here already must be entered. */
function Secrets({ found: { patch, secrets, stays }, entered }: SecretsProps): VNode {
  return (
    <>
      {secrets.length > 0 ? <p>The file does not tell these secrets:</p> : null}
      {secrets.map(({ path, is_kept }) => (
        <TextField
          key={path}
          label={labelOf(path, patch)}
          type="password"
          autocomplete="new-password"
          help={is_kept
            ? "Empty keeps the one here. With another address it must be entered again."
            : "There is none here yet."}
          value={entered.value[path] ?? ""}
          onInput={(text) => entered.value = { ...entered.value, [path]: text }}
        />
      ))}
      {stays.length > 0
        ? (
          <Note level="warn">
            <span class="break">
              The YAML of this connector sets {stays.join(", ")}, of which the file says nothing: that stays as it is.
            </span>
          </Note>
        )
        : null}
    </>
  );
}

function withSecrets(patch: JsonObject, entered: Readonly<Record<string, string>>): JsonObject {
  return Object.entries(entered).filter(([, text]) => text !== "").reduce(
    (whole, [path, text]) => withValueAt(whole, path, text),
    patch,
  );
}

/** `sources[0].mqtt.password` says nothing to people, the source's name does. */
function labelOf(path: string, { sources }: JsonObject): string {
  return path.replace(/^sources\[(\d+)\]/, (whole, index) => {
    const source = Array.isArray(sources) ? sources[Number(index)] : undefined;
    return typeof source === "object" && source !== null && "name" in source ? `${source.name}` : whole;
  });
}
