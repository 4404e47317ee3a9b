import type { Terminal } from "../../src/cli/command.ts";
import { answerRequest } from "../../src/cli/desk_command.ts";
import { DESK_COMMANDS } from "../../src/cli/desk_commands.ts";
import type { Told } from "../../src/cli/told.ts";
import { runningWorkplace } from "../../src/service/workplace.ts";
import { type ChannelStand, openChannel } from "./channel.ts";
import { loadText } from "./config_file.ts";
import { FakeSpoolTools } from "./spool_tools.ts";
import { type Outcome, outcomeOf, type RunOptions } from "./terminal.ts";

/** A home whose connector runs: one that takes commands and has a pretended spool. */
export interface RunningHome extends ChannelStand {
  readonly tools: FakeSpoolTools;
  /** What its log tells of commands, with their exit codes. */
  readonly told: readonly (readonly [words: string, code: unknown])[];
  /** The rest of what it tells of them. */
  readonly details: readonly Told[];
  /** What its commands write to, in the order in which they came. */
  readonly terminals: readonly Terminal[];
  /** What the command line does there, as in a process of its own. */
  run(words: readonly string[], options?: RunOptions): Promise<Outcome>;
}

export async function runningHome(): Promise<RunningHome> {
  const tools = new FakeSpoolTools();
  const told: (readonly [string, unknown])[] = [];
  const details: Told[] = [];
  const terminals: Terminal[] = [];
  const loaded = await loadText("version: 1\nlocal_sink: { enabled: true }\n");
  const stand = await openChannel((request, terminal) => {
    terminals.push(terminal);
    return answerRequest(request, {
      commands: DESK_COMMANDS,
      terminal,
      workplace: runningWorkplace({ home: stand.home, loaded }, tools),
      onDone: (words, { exit_code: code, ...rest }) => {
        told.push([words, code]);
        details.push(rest);
      },
    });
  });
  const run = (words: readonly string[], options: RunOptions = {}) =>
    outcomeOf([...words, "--home", stand.home], options);
  return { ...stand, tools, told, details, terminals, run };
}
