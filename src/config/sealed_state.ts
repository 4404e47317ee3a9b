/** Secrets of a state: sealed in its file, open where the configuration is made of it. */
import { reasonOf } from "../core/error.ts";
import { ConfigFileError, pathText } from "./finding.ts";
import type { Fault } from "./issue_text.ts";
import type { StatePatch } from "./merge.ts";
import { isSealed, type SecretBox } from "./secret_box.ts";
import { SECRETS_KEY_FILE } from "./secrets_key.ts";
import { STATE_FILE } from "./state_file.ts";
import { hidePasswordOf } from "./secrecy.ts";
import { mapTexts, type StateSubject, type StateText } from "./state_texts.ts";
import { valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

/** What pages show in place of a secret: sent back, it means that the secret stays as it is. */
export const UNCHANGED = "***";
/** A reference and nothing else: no secret itself, even where it could be followed. */
const REFERENCE = /^\$\{(file:)?[A-Za-z0-9_./-]+\}$/;

/** References to the environment and to files, behind whatever they stand; `$${` is none. */
const NAMES = /\$\$\{|\$\{(?:file:([^}]*)|([A-Za-z_][A-Za-z0-9_]*))/g;
/** Where secrets are mounted: of systemd's a directory for each unit. */
const MOUNTS = /^\/run\/(?:secrets|credentials\/[^/]+)\//;

/** A state whose secrets can be read. */
export interface OpenState {
  readonly patch: StatePatch;
  /** Paths are those in the state. */
  readonly faults: readonly Fault[];
}

/** Opens what is sealed. In keys that are no secrets `${…}` loses its meaning: only secrets may refer to others. */
export function openState(state: StatePatch, subject: StateSubject, box: SecretBox | undefined): OpenState {
  const faults: Fault[] = [];
  const patch = mapTexts(state, subject, ({ text, isSecret, isAddress, path }) => {
    if (!isSecret && !(isAddress && isSealed(text))) return withoutReferences(text);
    try {
      if (isSealed(text) && !box) throw new Error(`${SECRETS_KEY_FILE} is missing`);
      const opened = isSealed(text) && box ? box.open(text) : text;
      if (!isSecret) return withoutReferences(opened);
      const fault = foreignName(opened, path);
      if (fault !== undefined) faults.push({ path, message: fault });
      return opened;
    } catch (error) {
      const advice = `restore ${SECRETS_KEY_FILE} from a backup, or enter this secret again`;
      faults.push({ path, message: `is a secret that cannot be opened (${reasonOf(error)}): ${advice}` });
      return "";
    }
  });
  return { patch, faults };
}

function withoutReferences(text: string): string {
  return text.replaceAll("${", () => "$${"); // "$$" alone would stand for one $
}

/**
 * What is wrong with the names in a secret of the state: whoever may change a source must not have the secrets of others
 * sent to a place of their own. Undefined where nothing is.
 */
function foreignName(text: string, [block, , protocol]: Path): string | undefined {
  const owner = block === "sources" ? String(protocol) : block === "zerobus" ? "databricks" : undefined;
  const owners = [...(owner === undefined ? [] : [owner]), "iot"];
  const prefixes = owners.map((each) => `${each.toUpperCase()}_`);
  for (const [, path, name] of text.matchAll(NAMES)) {
    if (name !== undefined && !prefixes.some((prefix) => name.startsWith(prefix))) {
      return `refers to ${name}: through pages and API this secret may refer to names that begin with ` +
        `${prefixes.join(" or ")} alone; write others into the YAML`;
    }
    if (path !== undefined && !isOwnFile(path, owners)) {
      return `refers to the file ${path}: through pages and API this secret may refer to files under /run/secrets or ` +
        `/run/credentials/<unit> whose names begin with ${
          owners.map((each) => `${each}_`).join(" or ")
        } alone; write ` +
        "others into the YAML";
    }
  }
  return undefined;
}

/** Whether a mounted file bears the name of one of its owners: `mqtt_password`, `MQTT-hall`, `mqtt/hall`. */
function isOwnFile(path: string, owners: readonly string[]): boolean {
  const name = MOUNTS.test(path) ? path.replace(MOUNTS, "").toLowerCase() : "";
  return owners.some((owner) => name.startsWith(owner) && /^[_./-]/.test(name.slice(owner.length)));
}

/**
 * Seals secrets that are not sealed yet, all but empty ones and references, and addresses that hold a password. Without a box nothing is sealed: the state is
 * only thought of.
 */
export function sealState(state: StatePatch, subject: StateSubject, box: SecretBox | undefined): StatePatch {
  return mapTexts(state, subject, (item) => box && isToSeal(item) ? box.seal(item.text) : item.text);
}

/**
 * A change without the secrets that it leaves as they are. `subject.document` is what holds now.
 * @throws {ConfigFileError} where there is no secret that could stay: in a copy of a source, or in a list, which is replaced whole
 */
export function withoutKept(change: StatePatch, subject: StateSubject): StatePatch {
  return mapTexts(change, subject, ({ text, isSecret, path }) => {
    if (!isSecret || text !== UNCHANGED) return text;
    if (typeof valueAt(subject.document, placeOf(path, change, subject.document)) === "string") return undefined;
    const message = "is ***, and there is no such secret that could stay as it is: enter it";
    const finding = { severity: "error", file: STATE_FILE, line: 1, column: 1, path: pathText(path), message } as const;
    throw new ConfigFileError(STATE_FILE, [finding]);
  });
}

/** Where in a document something stands that stands at `path` in a change; nowhere where lists are on the way. */
function placeOf(path: Path, change: StatePatch, document: unknown): Path {
  const [block, index, ...rest] = path;
  if (path.some((key, i) => typeof key === "number" && !(i === 1 && block === "sources"))) return ["nowhere"];
  if (block !== "sources" || typeof index !== "number") return path;
  const name = valueAt(change, ["sources", index, "name"]);
  const sources = valueAt(document, ["sources"]);
  const at = Array.isArray(sources) ? sources.findIndex((source) => valueAt(source, ["name"]) === name) : -1;
  return ["sources", at, ...rest];
}

/** Whether a state holds a text that `sealState` would seal. */
export function needsSealing(state: StatePatch, subject: StateSubject): boolean {
  let isNeeded = false;
  mapTexts(state, subject, (item) => {
    if (isToSeal(item) && item.text !== UNCHANGED) isNeeded = true;
    return item.text;
  });
  return isNeeded;
}

function isToSeal({ text, isSecret, isAddress }: StateText): boolean {
  if (isSealed(text)) return false;
  return isSecret ? text !== "" && !REFERENCE.test(text) : isAddress && hidePasswordOf(text) !== text;
}
