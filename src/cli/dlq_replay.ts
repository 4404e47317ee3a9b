import { replayLetter } from "../service/replay.ts";
import { type Replayed, replayLetters } from "../service/replay_letters.ts";
import { EXIT, type Terminal } from "./command.ts";
import { chosenLetters } from "./letter_ids.ts";
import { editOf } from "./letter_edit.ts";
import { printable } from "./printable.ts";
import { idsOf } from "./told.ts";
import { refuse, type Verb } from "./verbs.ts";

/** Letters that stay, told one by one. */
const MAX_TOLD = 100;

/** `dlq replay`: dead letters go back to where rows wait for their table, as they are or changed. */
export const replay: Verb = {
  name: "replay",
  usage: "ID… | --all [--set COLUMN=VALUE]… [--payload-file FILE]",
  summary: "send dead letters again; one alone may be changed, by its columns or its payload",
  flags: ["all", "set", "payload-file"],
  operands: [0, Infinity],
  logged: idsOf,
  async run(call, terminal, workplace) {
    const chosen = chosenLetters(call);
    if ("fault" in chosen) return refuse(chosen.fault, terminal);
    const changed = editOf(call, workplace);
    if ("fault" in changed) return refuse(changed.fault, terminal);
    const tools = await workplace.tools();
    const replayed = await replayLetters(tools, {
      ids: chosen.ids,
      replayOne: (id) => replayLetter(tools, id, { edit: changed.edit, sources: workplace.loaded }),
      onDone: (done, of) => terminal.progress({ done, of, unit: "dead letters" }),
      signal: terminal.stopping,
    });
    const { letters, rows } = replayed;
    return { exit: tell(replayed, terminal), told: { letters, rows } };
  },
};

function tell({ letters, rows, failures, left }: Replayed, { out, err }: Terminal): number {
  for (const reason of failures.slice(0, MAX_TOLD)) err(`${printable(reason)}\n`);
  if (failures.length > MAX_TOLD) err(`and ${failures.length - MAX_TOLD} more that stay\n`);
  out(`dead letters sent again: ${letters}; rows that they became: ${rows}\n`);
  if (left > 0) err(`not looked at: ${left}\n`);
  return failures.length + left === 0 ? EXIT.ok : EXIT.failed;
}
