import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { ImportDialog } from "./import_dialog.tsx";

interface CopiesProps {
  readonly canChange: boolean;
  readonly onDone: () => void;
}

/** The whole configuration to a file, and from one. */
export function Copies({ canChange, onDone }: CopiesProps): VNode {
  const isOpen = useSignal(false);
  return (
    <>
      <a class="button" href="/api/config/export" download="connector.yaml">Export</a>
      {canChange ? <button class="button" type="button" onClick={() => isOpen.value = true}>Import</button> : null}
      {isOpen.value
        ? (
          <ImportDialog
            onClose={() => isOpen.value = false}
            onDone={() => {
              isOpen.value = false;
              onDone();
            }}
          />
        )
        : null}
    </>
  );
}
