import type { VNode } from "preact";
import { type ConfigChange, planRollback, rollBack } from "../../src/web/client/config.ts";
import { dateTime } from "../../src/web/client/format.ts";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { ReviewDialog } from "../form/change_dialog.tsx";
import { Diff } from "../form/diff.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { View } from "../parts/problem.tsx";
import { Note } from "../parts/state.tsx";

interface DetailProps {
  readonly change: ConfigChange;
  readonly onClose: () => void;
}

/** What a change changed, against the one before it. */
export function ChangeDetail({ change: { time, author, diff, failure }, onClose }: DetailProps): VNode {
  return (
    <Dialog title={`Changed by ${author}, ${dateTime(time)}`} onClose={onClose}>
      {failure === null ? null : (
        <Note level="warn">
          <strong>It was taken back by itself, and the configuration stayed as it was.</strong>
          <span class="break">{failure}</span>
        </Note>
      )}
      {diff === "" ? <p>Nothing that takes effect differs.</p> : <Diff text={diff} />}
    </Dialog>
  );
}

interface AgainstNowProps extends DetailProps {
  readonly what: "now" | "rollback";
  readonly onDone: (change: ConfigChange) => void;
}

/** How it was before a change, against now; and going back to it. */
export function AgainstNow({ change, what, onClose, onDone }: AgainstNowProps): VNode {
  const { loaded } = useLoaded(() => planRollback(change.id), change.id);
  const title = what === "now"
    ? `Before ${dateTime(change.time)}, against now`
    : `Roll back to before ${dateTime(change.time)}`;
  if (loaded.value.state !== "ready") {
    return (
      <Dialog title={title} onClose={onClose}>
        <View of={loaded.value} what="the difference">{() => <p>It is there.</p>}</View>
      </Dialog>
    );
  }
  const plan = loaded.value.value;
  const apply = (evenIfDown: boolean) => rollBack(change.id, { version: plan.version, evenIfDown });
  return (
    <ReviewDialog
      title={title}
      plan={plan}
      apply={what === "rollback" ? apply : undefined}
      onClose={onClose}
      onDone={() => onDone(change)}
    >
      <p class="soft">
        {what === "rollback"
          ? "This change and all later ones are undone. Secrets of then come back with it."
          : "Lines with − hold now; those with + held then."}
      </p>
    </ReviewDialog>
  );
}
