import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { bytes, dateTime } from "../../src/web/client/format.ts";
import { carriedAddress, type CarriedFile, deleteCarried } from "../../src/web/client/spool.ts";
import { Ask } from "../parts/ask.tsx";

interface CarriedFilesProps {
  readonly files: readonly CarriedFile[];
  readonly onDone: () => void;
}

/** Files of rows that were carried out, until somebody deletes them. */
export function CarriedFiles({ files, onDone }: CarriedFilesProps): VNode | null {
  const asking = useSignal<string | undefined>(undefined);
  if (files.length === 0) return null;
  return (
    <>
      <h3>Carried out</h3>
      <ul class="carried">
        {files.map(({ name, bytes: size, time }) => (
          <li key={name}>
            <span class="mono break">{name}</span>
            <span class="soft">{bytes(size)}, {dateTime(time)}</span>
            <span class="actions">
              <a class="button" href={carriedAddress(name)} download={name} aria-label={`Download ${name}`}>Download</a>
              <button class="button" type="button" aria-label={`Delete ${name}`} onClick={() => asking.value = name}>
                Delete
              </button>
            </span>
          </li>
        ))}
      </ul>
      {asking.value === undefined ? null : (
        <Ask
          title="Delete a file of rows"
          yes="Delete for good"
          isBad
          act={() => deleteCarried(asking.value ?? "")}
          onDone={() => {
            asking.value = undefined;
            onDone();
          }}
          onClose={() => asking.value = undefined}
        >
          <p class="break">
            The rows in {asking.value}{" "}
            have left this spool. Unless the file was downloaded, nobody can take them in any more.
          </p>
        </Ask>
      )}
    </>
  );
}
