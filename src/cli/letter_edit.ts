import { ConfigError, reasonOf } from "../core/error.ts";
import { type NamedIn, pathInHome } from "../service/home_path.ts";
import type { LetterEdit } from "../service/letter_edit.ts";
import type { VerbCall } from "./verbs.ts";

/** The largest payload that somebody may put in a dead letter's place. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;
const COLUMN_AND_VALUE = /^(\w+)=(.*)$/s;

/** What the flags ask for, read and checked as far as it can be without the letter. */
export type Edit = { readonly edit: LetterEdit | undefined } | { readonly fault: string };

/**
 * The change that `--set COLUMN=VALUE` and `--payload-file FILE` describe: of one letter, either its row or its payload.
 * @throws {ConfigError} when the file cannot be read, or may not be named
 */
export function editOf({ operands, flags }: VerbCall, place: NamedIn): Edit {
  const settings = Array.isArray(flags.set) ? flags.set.map(String) : [];
  const file = flags["payload-file"];
  if (settings.length === 0 && typeof file !== "string") return { edit: undefined };
  if (operands.length !== 1) return { fault: "--set and --payload-file change one dead letter: name its id alone." };
  if (typeof file !== "string") return columnsOf(settings);
  if (settings.length > 0) return { fault: "--set changes a row and --payload-file a message: name one of them." };
  return { edit: { payload: readPayload(place, file) } };
}

function columnsOf(settings: readonly string[]): Edit {
  const pairs = settings.map((each) => each.match(COLUMN_AND_VALUE));
  const wrong = settings.find((_, i) => !pairs[i]);
  if (wrong !== undefined) return { fault: `--set ${wrong} is not of the form COLUMN=VALUE.` };
  const columns = pairs.flatMap((pair) => pair ? [[pair[1] ?? "", pair[2] ?? ""] as const] : []);
  const twice = columns.find(([name], i) => columns.findIndex(([other]) => other === name) < i);
  if (twice) return { fault: `--set names ${twice[0]} twice.` };
  return { edit: { set: Object.fromEntries(columns) } };
}

function readPayload(place: NamedIn, file: string): Uint8Array {
  const path = pathInHome(place, file);
  try {
    const { size } = Deno.statSync(path);
    if (size > MAX_PAYLOAD_BYTES) throw new Error(`it has ${size} bytes, and at most ${MAX_PAYLOAD_BYTES} are taken`);
    return Deno.readFileSync(path);
  } catch (error) {
    throw new ConfigError("payload_unreadable", `Cannot read the payload ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
