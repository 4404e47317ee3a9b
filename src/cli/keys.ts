import { EXIT } from "./command.ts";
import { deskCommand } from "./desk_command.ts";
import { nothing } from "./told.ts";
import type { Verb } from "./verbs.ts";

const rotate: Verb = {
  name: "rotate",
  usage: "",
  summary: "seal with a new key from now on; the old one stays as long as something needs it",
  flags: [],
  operands: [0, 0],
  logged: nothing,
  async run(_call, { out }, workplace) {
    const id = await (await workplace.tools()).rotateKey();
    const { encryption_key_path: path } = workplace.loaded.config.backpressure.disk_spool;
    out(`The spool is sealed with a new key, ${id}, from now on. Back up ${path}, and what lies beside it.\n`);
    return { exit: EXIT.ok, told: { key: id } };
  },
};

/** `keys`: the key of the spool. */
export const keys = deskCommand({ name: "keys", summary: "change the key of the spool", options: {}, verbs: [rotate] });
