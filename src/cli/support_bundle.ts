/** `support-bundle`: how the connector stands as one sealed file, beside a running connector too. */
import type { Sealing } from "../backup/mod.ts";
import { ConfigError } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory, saveFile } from "../core/home_file.ts";
import { newPathInHome, pathInHome } from "../service/home_path.ts";
import type { Workplace } from "../service/workplace.ts";
import { bundleContents, readBundle, writeBundle } from "../support/mod.ts";
import { type Call, EXIT, type Terminal } from "./command.ts";
import { type DeskCommand, deskCommand, INPUT_FLAG } from "./desk_command.ts";
import { keyText } from "./key_text.ts";
import { printable } from "./printable.ts";
import { fileOf } from "./told.ts";
import { refuse, type Verb, type VerbCall } from "./verbs.ts";

const HOW = `Say how it is sealed: --${INPUT_FLAG}, or --recipient FILE with a public key.`;
const HOW_OPENED = `Say what opens it: --${INPUT_FLAG}, or --key FILE with the private key.`;

/** How the words reach a connector that runs: the command line has no word for it. */
const make: Verb = {
  name: "make",
  usage: `FILE --${INPUT_FLAG}|--recipient FILE`,
  summary: "configuration without secrets, log, ledger and facts of the host into a new sealed file",
  flags: [INPUT_FLAG, "recipient"],
  operands: [1, 1],
  logged: fileOf,
  async run(call, terminal, workplace) {
    const sealing = await sealingOf(call, terminal, workplace);
    if (!sealing) return refuse(HOW, terminal);
    const path = newPathInHome(workplace, call.operands[0] ?? "");
    const texts = await bundleContents(workplace, terminal.clock.nowUs());
    await writeBundle(path, texts, sealing);
    terminal.out(`${printable(`The support bundle is in ${path}. In it: ${Object.keys(texts).join(", ")}`)}\n`);
    return EXIT.ok;
  },
};

const desk = deskCommand({
  name: "support-bundle",
  summary: make.summary,
  options: {
    [INPUT_FLAG]: { type: "boolean" },
    recipient: { type: "string" },
    key: { type: "string" },
    open: { type: "boolean" },
  },
  verbs: [make],
});

export const supportBundle: DeskCommand = {
  ...desk,
  usage: make.usage,
  async run(call, terminal) {
    const [name] = call.operands;
    if (name === undefined) return refuse("Name the file, such as export/support.bundle.", terminal);
    const { open, ...flags } = call.flags;
    if (open === true) return await opened(call, name, terminal);
    return await desk.run({ ...call, flags, operands: [make.name, ...call.operands] }, terminal);
  },
};

/** Puts what is in it beside it, in a new folder: for whoever helps, with no configuration of his own. */
async function opened({ home, flags }: Call, name: string, terminal: Terminal): Promise<number> {
  const { key } = flags;
  const isPassphrase = flags[INPUT_FLAG] === true;
  if ((typeof key === "string") === isPassphrase) return refuse(HOW_OPENED, terminal);
  const at = (file: string) => file.startsWith("/") ? file : `${home}/${file}`;
  const path = linkFree(home, at(name));
  const opening = typeof key === "string"
    ? { privateKey: await keyText(home, at(key)) }
    : { passphrase: await passphraseOf(terminal) };
  const texts = await readBundle(path, opening);
  const folder = `${path}.opened`;
  if (infoOf(folder)) {
    throw new ConfigError("bundle_failed", `${folder} is there already: move it away, and open again`);
  }
  makeDirectory(home, folder);
  for (const [file, text] of Object.entries(texts)) saveFile(home, `${folder}/${file}`, text);
  terminal.out(`${printable(`It is opened in ${folder}: ${Object.keys(texts).join(", ")}`)}\n`);
  return EXIT.ok;
}

/** Undefined where it is not said, or both ways are. */
async function sealingOf(
  { flags }: VerbCall,
  terminal: Terminal,
  workplace: Workplace,
): Promise<Sealing | undefined> {
  const { recipient } = flags;
  const isPassphrase = flags[INPUT_FLAG] === true;
  if ((typeof recipient === "string") === isPassphrase) return undefined;
  if (typeof recipient !== "string") return { passphrase: await passphraseOf(terminal) };
  return { publicKey: await keyText(workplace.home, pathInHome(workplace, recipient)) };
}

async function passphraseOf({ readInput }: Terminal): Promise<string> {
  return (await readInput()).replace(/\r?\n$/, "");
}
