import { StoppedWorkplace } from "../app/stopped_workplace.ts";
import { EdgeError } from "../core/error.ts";
import type { Workplace } from "../service/workplace.ts";
import { askConnector, type Question } from "./channel/client.ts";
import type { Request } from "./channel/protocol.ts";
import { type Call, type Command, EXIT, type FlagOption, type FlagValue, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { abortable } from "../lib/condition.ts";
import { printable } from "./printable.ts";
import { problemsTo } from "./problems.ts";
import type { Done, Told } from "./told.ts";
import { refuse, type Verb, verbOf } from "./verbs.ts";

/** The flag with which a verb takes something from standard input. */
export const INPUT_FLAG = "passphrase-stdin";
/** The same for a password. */
export const PASSWORD_FLAG = "password-stdin";

/** A command whose verbs look after a connector, whether it runs or not. */
export interface DeskCommand extends Command {
  readonly options: NonNullable<Command["options"]>;
  readonly verbs: readonly Verb[];
}

/** Makes one of its verbs. Each is done by the connector that runs or, where none does, on its files. */
export function deskCommand(about: Pick<DeskCommand, "name" | "summary" | "options" | "verbs">): DeskCommand {
  const { name, verbs } = about;
  return {
    ...about,
    usage: verbs.map((verb) => verb.name).join("|"),
    operands: Infinity, // each verb says how many
    async run(call, terminal) {
      const found = verbOf(name, verbs, call);
      if (typeof found === "string") return refuse(found, terminal);
      const answered = await askConnector(call.home, questionOf(name, call, terminal), terminal);
      if (answered !== undefined) return answered;
      const loaded = await loadOrExplain(call, terminal);
      if (!loaded) return EXIT.badConfig;
      const { clock, err, killed } = terminal;
      await using workplace = new StoppedWorkplace({
        home: call.home,
        loaded,
        clock,
        log: problemsTo(err),
        uid: Deno.uid(),
        isChanged: found.verb.logged !== undefined,
      });
      const running = found.verb.run(found.call, terminal, workplace);
      const done = await abortable(running, killed).catch((error) => {
        if (killed.aborted) return EXIT.failed;
        throw error;
      });
      return doneOf(done).exit;
    },
  };
}

export interface Answering {
  readonly commands: readonly DeskCommand[];
  readonly terminal: Terminal;
  readonly workplace: Workplace;
  /** Is told of what somebody did that the connector's log should tell. */
  readonly onDone: (words: string, told: Told) => void;
}

/** Does in the running connector what was asked of it. Resolves with the exit code. */
export async function answerRequest(
  { words: [name, ...operands], flags }: Request,
  { commands, terminal, workplace, onDone }: Answering,
): Promise<number> {
  const command = commands.find((each) => each.name === name);
  const isKnown = command && Object.entries(flags).every(([flag, value]) => isValueOf(value, command.options[flag]));
  if (!isKnown) {
    return refuse("The connector that runs does not know this command: is it of another version?", terminal);
  }
  const found = verbOf(command.name, command.verbs, { operands, flags });
  if (typeof found === "string") return refuse(found, terminal);
  const { logged, name: verb } = found.verb;
  const { exit, told } = await outcomeOf(found.verb.run(found.call, terminal, workplace), terminal);
  if (logged) onDone(`${command.name} ${verb}`, { exit_code: exit, ...logged(found.call), ...told });
  return exit;
}

async function outcomeOf(running: Promise<number | Done>, { err }: Terminal): Promise<Done> {
  try {
    return doneOf(await running);
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
    err(`${printable(error.message)}\n`);
    return doneOf(EXIT.failed);
  }
}

function doneOf(done: number | Done): Done {
  return typeof done === "number" ? { exit: done, told: {} } : done;
}

function questionOf(name: string, { operands, flags }: Call, { isWatched }: Terminal): Question {
  const given = Object.entries(flags).flatMap(([flag, value]) => value === undefined ? [] : [[flag, value] as const]);
  const takesInput = flags[INPUT_FLAG] === true || flags[PASSWORD_FLAG] === true;
  return { words: [name, ...operands], flags: Object.fromEntries(given), isWatched, takesInput };
}

/** Whether a flag may have this value: a request is not read by the parser of the command line. */
function isValueOf(value: FlagValue, option: FlagOption | undefined): boolean {
  if (!option) return false;
  const type: string = typeof value;
  return option.multiple ? Array.isArray(value) : type === option.type;
}
