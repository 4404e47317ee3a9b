import { type Opening, restore as restoreHome } from "../backup/mod.ts";
import { linkFree } from "../core/home_file.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { INPUT_FLAG } from "./desk_command.ts";
import { keyText } from "./key_text.ts";
import { printable } from "./printable.ts";
import { followed } from "./progress_of.ts";
import { refuse } from "./verbs.ts";

const HOW = `Say what opens it: --${INPUT_FLAG}, or --key FILE with the private key.`;
const NEW_ONE =
  "It will be an installation of its own, with another edge_id: the one that the backup is of may run on. " +
  "Where that one is gone for good, and this one is to take its name, restore with --takeover";
const SUCCESSOR =
  "It takes the name of the installation that the backup is of, with its edge_id: that one must never " +
  "run again, or both pass for one";

/** `restore`: what `backup` made, into a home directory that has none of it. */
export const restore: Command = {
  name: "restore",
  usage: `FILE --${INPUT_FLAG}|--key FILE --sha256 HEX [--takeover]`,
  summary: "put a backup into an empty home directory; --takeover: in place of the connector that it is of",
  operands: 1,
  options: {
    [INPUT_FLAG]: { type: "boolean" },
    key: { type: "string" },
    sha256: { type: "string" },
    takeover: { type: "boolean" },
  },
  async run(call, terminal) {
    const [name] = call.operands;
    if (name === undefined) return refuse("Name the backup, a file in the home directory.", terminal);
    const opening = await openingOf(call, terminal);
    if (!opening) return refuse(HOW, terminal);
    const { home } = call;
    const isTakeover = call.flags.takeover === true;
    const file = linkFree(home, absolute(home, name));
    const sha256 = typeof call.flags.sha256 === "string" ? call.flags.sha256 : undefined;
    await followed(restoreHome({ home, file, opening, sha256, isTakeover, signal: terminal.stopping }), terminal);
    terminal.out(`${printable(`${file} is restored into ${home}. ${isTakeover ? SUCCESSOR : NEW_ONE}`)}\n`);
    return EXIT.ok;
  },
};

/** Undefined where it is not said, or both ways are. */
async function openingOf({ flags, home }: Call, { readInput }: Terminal): Promise<Opening | undefined> {
  const { key } = flags;
  const isPassphrase = flags[INPUT_FLAG] === true;
  if (typeof key === "string" && !isPassphrase) return { privateKey: await keyText(home, absolute(home, key)) };
  if (!isPassphrase || key !== undefined) return undefined;
  return { passphrase: (await readInput()).replace(/\r?\n$/, "") };
}

function absolute(home: string, file: string): string {
  return file.startsWith("/") ? file : `${home}/${file}`;
}
