import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import type { Problem } from "../../src/web/client/api.ts";
import { editableColumns, editLetter, type Letter, type LetterChange } from "../../src/web/client/letters.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { Field, TextField } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem.tsx";

interface LetterEditorProps {
  readonly letter: Letter;
  /** Is told what was done, in words. */
  readonly onDone: (text: string) => void;
}

/** Columns of its row, or what the device should have sent. The connector checks them, as its command does. */
export function LetterEditor({ letter, onDone }: LetterEditorProps): VNode {
  const set = useSignal<Readonly<Record<string, string>>>({});
  const payload = useSignal(letter.payload ?? "");
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const columns = editableColumns(letter);
  const isOfColumns = columns.length > 0;
  const isChanged = isOfColumns ? Object.keys(set.value).length > 0 : payload.value !== letter.payload;
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    isBusy.value = true;
    problem.value = undefined;
    const change: LetterChange = isOfColumns
      ? { set: set.value }
      : { payload: payload.value, payload_encoding: "text" };
    try {
      const rows = await editLetter(letter.id, change);
      onDone(`Changed letter ${letter.id}, and sent it as ${rows} ${rows === 1 ? "row" : "rows"}.`);
    } catch (error) {
      problem.value = problemIn(error);
    }
    isBusy.value = false;
  }
  function change(name: string, text: string, before: string): void {
    const { [name]: _gone, ...others } = set.value;
    set.value = text === before ? others : { ...others, [name]: text };
  }
  return (
    <form class="panel-body" onSubmit={send}>
      <p class="break">{letter.reason}</p>
      {isOfColumns
        ? columns.map(([name, value]) => (
          <TextField
            key={name}
            label={name}
            value={set.value[name] ?? value}
            onInput={(text) => change(name, text, value)}
          />
        ))
        : (
          <Field
            label="What the device should have sent"
            isWide
            control={(props) => (
              <textarea
                {...props}
                rows={8}
                spellcheck={false}
                value={payload.value}
                onInput={({ currentTarget }) => payload.value = currentTarget.value}
              />
            )}
          />
        )}
      <p class="soft">It is sent with a new identity; what was not changed goes as it is.</p>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <div class="actions">
        <button class="button button-main" type="submit" disabled={!isChanged || isBusy.value}>Change and send</button>
      </div>
    </form>
  );
}
