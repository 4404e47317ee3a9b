/** `user`: who may log in to pages and API. */
import { ConfigError } from "../core/error.ts";
import { Secret } from "../lib/secret.ts";
import { Access, type Caller, type Role, ROLES } from "../service/access.ts";
import type { Workplace } from "../service/workplace.ts";
import { EXIT, type Terminal } from "./command.ts";
import { deskCommand, PASSWORD_FLAG } from "./desk_command.ts";
import { printable } from "./printable.ts";
import type { Told } from "./told.ts";
import { refuse, type Verb, type VerbCall } from "./verbs.ts";

/** Characters of a password that is made here: 100 bits of chance. */
const MADE_LENGTH = 20;
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

const PASSWORD = `[--${PASSWORD_FLAG}]`;
const WHOSE = "without a password on standard input one is made, and told once";
const told = ({ operands: [name = ""] }: VerbCall): Told => ({ user: printable(name) });

const add: Verb = {
  name: "add",
  usage: `NAME --role ${ROLES.join("|")} ${PASSWORD}`,
  summary: `make a user; ${WHOSE}`,
  flags: ["role", PASSWORD_FLAG],
  operands: [1, 1],
  logged: told,
  async run(call, terminal, workplace) {
    const role = ROLES.find((each) => each === call.flags.role);
    if (!role) return refuse(`Say --role ${ROLES.join("|")}.`, terminal);
    const { password, isMade } = await passwordFor(call, terminal);
    const wanted = { name: call.operands[0] ?? "", role, password };
    const { name } = await accessTo(workplace, terminal).addUser(wanted, CALLER);
    terminal.out(`${name} may log in as ${role}${isMade ? ` with the password ${password.reveal()}` : ""}.\n`);
    return EXIT.ok;
  },
};

const passwd: Verb = {
  name: "passwd",
  usage: `NAME ${PASSWORD}`,
  summary: `give a user another password, which ends the sessions of the user; ${WHOSE}`,
  flags: [PASSWORD_FLAG],
  operands: [1, 1],
  logged: told,
  async run(call, terminal, workplace) {
    const { password, isMade } = await passwordFor(call, terminal);
    const access = accessTo(workplace, terminal);
    const { name } = await access.changeUser(call.operands[0] ?? "", { password }, CALLER);
    terminal.out(`${name} has another password${isMade ? `: ${password.reveal()}` : ""}.\n`);
    return EXIT.ok;
  },
};

const remove: Verb = {
  name: "remove",
  usage: "NAME",
  summary: "take a user's access away; sessions and tokens of the user end",
  flags: [],
  operands: [1, 1],
  logged: told,
  run({ operands: [name = ""] }, terminal, workplace) {
    accessTo(workplace, terminal).removeUser(name, CALLER);
    terminal.out(`${printable(name)} may not log in any more.\n`);
    return Promise.resolve(EXIT.ok);
  },
};

const list: Verb = {
  name: "list",
  usage: "[--json]",
  summary: "all users with their roles",
  flags: ["json"],
  operands: [0, 0],
  run({ flags }, terminal, workplace) {
    const users = accessTo(workplace, terminal).users();
    for (const { name, role } of users) {
      terminal.out(flags.json ? `${JSON.stringify({ name, role })}\n` : `${name.padEnd(32)} ${role}\n`);
    }
    if (users.length === 0) terminal.err("There are no users.\n");
    return Promise.resolve(EXIT.ok);
  },
};

export const user = deskCommand({
  name: "user",
  summary: "who may log in to pages and API",
  options: { role: { type: "string" }, json: { type: "boolean" }, [PASSWORD_FLAG]: { type: "boolean" } },
  verbs: [add, passwd, remove, list],
});

/** Who can give commands can write the files that say who may log in. */
const CALLER: Caller = { who: "command line", role: "administrator" satisfies Role, user: "command line", from: "" };

/** The files decide, whoever else has them open: a running connector looks at them again. */
function accessTo({ home }: Workplace, { clock }: Terminal): Access {
  return new Access({ home, clock });
}

async function passwordFor(
  { flags }: VerbCall,
  { readInput }: Terminal,
): Promise<{ readonly password: Secret; readonly isMade: boolean }> {
  if (flags[PASSWORD_FLAG] !== true) return { password: madePassword(), isMade: true };
  const text = (await readInput()).replace(/\r?\n$/, "");
  if (/[\r\n]/.test(text)) throw new ConfigError("password_unfit", "The password must be one line");
  return { password: new Secret(text), isMade: false };
}

function madePassword(): Secret {
  const bytes = crypto.getRandomValues(new Uint8Array(MADE_LENGTH));
  return new Secret([...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join(""));
}
