import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { read } from "../../src/web/client/api.ts";
import { dateTime } from "../../src/web/client/format.ts";
import { editableColumns, type Letter } from "../../src/web/client/letters.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { Dialog } from "../parts/dialog.tsx";
import { View } from "../parts/problem.tsx";
import { LetterActions, type LetterActionsProps } from "./letter_actions.tsx";
import { LetterEditor } from "./letter_editor.tsx";

interface LetterDialogProps extends Omit<LetterActionsProps, "choice" | "which"> {
  readonly id: number;
  readonly onClose: () => void;
}

/** All that is known of one letter, and its change. */
export function LetterDialog({ id, onClose, ...actions }: LetterDialogProps): VNode {
  const isEdited = useSignal(false);
  const { loaded } = useLoaded((signal) => read<Letter>(`/api/dlq/${id}`, signal), String(id));
  const letter = loaded.value.state === "ready" ? loaded.value.value : undefined;
  const canEdit = actions.canPurge && letter !== undefined && isEditable(letter);
  const buttons = (
    <>
      {canEdit ? <button class="button" type="button" onClick={() => isEdited.value = true}>Edit</button> : null}
      <LetterActions choice={{ ids: [id] }} which="" {...actions} />
    </>
  );
  return (
    <Dialog title={`Dead letter ${id}`} onClose={onClose} actions={isEdited.value ? undefined : buttons}>
      <View of={loaded.value} what="the letter">
        {(found) => isEdited.value ? <LetterEditor letter={found} onDone={actions.onDone} /> : <Facts letter={found} />}
      </View>
    </Dialog>
  );
}

/** Of what is cut only the beginning was kept; bytes are no text to type. */
function isEditable(letter: Letter): boolean {
  if (letter.is_cut) return false;
  return editableColumns(letter).length > 0 || letter.payload_encoding === "text";
}

function Facts({ letter }: { readonly letter: Letter }): VNode {
  const { reason, code, time, source, tag, table, row, payload, payload_encoding, is_cut } = letter;
  return (
    <>
      <dl class="facts">
        <dt>Why</dt>
        <dd class="break">{reason} {code ? <span class="soft mono">{code}</span> : null}</dd>
        {time ? [<dt key="t">Time</dt>, <dd key="d">{dateTime(time)}</dd>] : null}
        <dt>Source</dt>
        <dd class="break">{tag ? `${source}, ${tag}` : source}</dd>
        {table ? [<dt key="t">Table</dt>, <dd key="d" class="mono break">{table}</dd>] : null}
      </dl>
      {row?.columns ? <Columns columns={row.columns} /> : null}
      {payload === undefined ? null : (
        <>
          <h3>What the device sent{payload_encoding === "base64" ? ", base64" : ""}</h3>
          <pre tabIndex={0}>{payload}</pre>
        </>
      )}
      {is_cut ? <p class="soft">It was long: only its beginning was kept, so it cannot be replayed.</p> : null}
    </>
  );
}

function Columns({ columns }: { readonly columns: Readonly<Record<string, number | boolean | string>> }): VNode {
  return (
    <>
      <h3>Its row</h3>
      <dl class="facts">
        {Object.entries(columns).map(([name, value]) => [
          <dt key={name} class="mono">{name}</dt>,
          <dd key={`${name} value`} class="break">{String(value)}</dd>,
        ])}
      </dl>
    </>
  );
}
