import { otherUserFault } from "../app/home_owners.ts";
import { backUp, type Sealing } from "../backup/mod.ts";
import { ConfigError } from "../core/error.ts";
import { VERSION } from "../lib/version.ts";
import { newPathInHome, pathInHome } from "../service/home_path.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { INPUT_FLAG } from "./desk_command.ts";
import { keyText } from "./key_text.ts";
import { loadOrExplain } from "./load.ts";
import { printable } from "./printable.ts";
import { followed } from "./progress_of.ts";
import { refuse } from "./verbs.ts";

const HOW = `Say how it is sealed: --${INPUT_FLAG}, or --recipient FILE with a public key.`;

/** `backup`: the home directory with its keys as one sealed file, beside a running connector too. */
export const backup: Command = {
  name: "backup",
  usage: `FILE --${INPUT_FLAG}|--recipient FILE`,
  summary: "the home directory, keys included, as one sealed file in it",
  operands: 1,
  options: { [INPUT_FLAG]: { type: "boolean" }, recipient: { type: "string" } },
  async run(call, terminal) {
    const [name] = call.operands;
    if (name === undefined) return refuse("Name the file to write, such as export/home.backup.", terminal);
    const loaded = await loadOrExplain(call, terminal);
    if (!loaded) return EXIT.badConfig;
    const { home } = call;
    const { path: spool } = loaded.config.backpressure.disk_spool;
    const fault = otherUserFault({ home, spool, uid: Deno.uid() });
    if (fault !== undefined) throw new ConfigError("other_user", fault);
    const sealing = await sealingOf(call, terminal, (file) => pathInHome({ home, loaded }, file));
    if (!sealing) return refuse(HOW, terminal);
    const file = newPathInHome({ home, loaded }, name);
    let sum = "";
    const steps = backUp({
      home,
      spool: inside(home, spool),
      file,
      sealing,
      version: VERSION,
      onWhole: (sha256) => sum = sha256,
      signal: terminal.stopping,
    });
    await followed(steps, terminal);
    terminal.out(`${printable(`The home directory ${home} is backed up in ${file}. Keep it elsewhere`)}\n`);
    if ("publicKey" in sealing) terminal.out(`Its SHA-256, which restore asks for, to be kept apart from it: ${sum}\n`);
    return EXIT.ok;
  },
};

/** Undefined where it is not said, or both ways are. */
async function sealingOf(
  { flags, home }: Call,
  { readInput }: Terminal,
  placed: (file: string) => string,
): Promise<Sealing | undefined> {
  const { recipient } = flags;
  const isPassphrase = flags[INPUT_FLAG] === true;
  if (typeof recipient === "string" && !isPassphrase) {
    const path = recipient.startsWith("/run/secrets/") ? recipient : placed(recipient);
    return { publicKey: await keyText(home, path) };
  }
  if (!isPassphrase || recipient !== undefined) return undefined;
  return { passphrase: (await readInput()).replace(/\r?\n$/, "") };
}

function inside(home: string, path: string): string {
  return path.startsWith(`${home}/`) ? path.slice(home.length + 1) : path.replace(/^(\.\/)+/, "");
}
