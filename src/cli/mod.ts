import { parseArgs } from "node:util";
import { EdgeError, reasonOf } from "../core/error.ts";
import { type Call, type Command, EXIT, type FlagValue, type Terminal } from "./command.ts";
import { backup } from "./backup.ts";
import { browse } from "./browse.ts";
import { check } from "./check.ts";
import { DESK_COMMANDS } from "./desk_commands.ts";
import { doctor } from "./doctor.ts";
import { ownEnvironment } from "./environment.ts";
import { printable, printableLines } from "./printable.ts";
import { health } from "./health.ts";
import { restore } from "./restore.ts";
import { run } from "./run.ts";
import { hostTerminal } from "./terminal.ts";
import { testSource } from "./test_source.ts";
import { version } from "./version.ts";

const COMMANDS: readonly Command[] = [
  run,
  check,
  doctor,
  testSource,
  browse,
  ...DESK_COMMANDS,
  backup,
  restore,
  health,
  version,
];

/** What every command takes. */
const COMMON = {
  home: { type: "string" },
  config: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Does what the words say, on this host. Resolves with the exit code. */
export async function runCli(words: readonly string[]): Promise<number> {
  using terminal = hostTerminal();
  Deno.umask(0o077); // what the connector makes is for its user alone
  const fault = ownEnvironment(Deno.env);
  if (fault !== undefined) {
    terminal.err(`${fault}\n`);
    return EXIT.badConfig;
  }
  return await runCommand(words, terminal);
}

/** The same with a terminal of the caller's. */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = parse(words);
  } catch (error) {
    terminal.err(`${printableLines(reasonOf(error))}\n${help()}`);
    return EXIT.usage;
  }
  if (parsed.isHelp) {
    terminal.out(help());
    return EXIT.ok;
  }
  try {
    return await parsed.command.run(parsed.call, terminal);
  } catch (error) {
    if (terminal.stopping.aborted && error === terminal.stopping.reason) return EXIT.failed; // whoever stopped it knows
    if (!(error instanceof EdgeError)) throw error;
    terminal.err(`${printable(error.message)}\n`);
    return EXIT.failed;
  }
}

interface Parsed {
  readonly command: Command;
  readonly call: Call;
  readonly isHelp: boolean;
}

/** @throws {TypeError} for words that mean nothing, saying which */
function parse(words: readonly string[]): Parsed {
  const options = Object.assign({}, COMMON, ...COMMANDS.map((command) => command.options ?? {}));
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const [name = run.name, ...operands] = positionals;
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) throw new TypeError(`There is no command ${name}.`);
  const { home = ".", config, help: isHelp, ...flags } = values as Record<string, FlagValue | undefined>;
  const foreign = Object.keys(flags).find((flag) => !command.options?.[flag]);
  if (foreign) throw new TypeError(`The command ${name} takes no --${foreign}.`);
  const surplus = operands[command.operands ?? 0];
  if (surplus !== undefined) throw new TypeError(`The command ${name} does not know what to do with ${surplus}.`);
  const call = { home: absolute(String(home)), configFile: config?.toString(), operands, flags };
  return { command, call, isHelp: isHelp === true };
}

function absolute(path: string): string {
  return (path.startsWith("/") ? path : `${Deno.cwd()}/${path}`).replace(/(\/\.?)+$/, "") || "/";
}

function help(): string {
  const lines = COMMANDS.map(({ name, usage, summary }) => `  ${`${name} ${usage}`.padEnd(34)} ${summary}`);
  return `Usage: iot-connector [--home DIR] [--config FILE] <command>

${lines.join("\n")}

  --home DIR     directory of config/, certs/ and all data; default: the working directory
  --config FILE  configuration, relative to the home directory; default: config/connector.yaml
`;
}
