/** Secrets of a state: sealed in its file, open where the configuration is made of it. */
import { ConfigError, reasonOf } from "../core/error.ts";
import type { Fault } from "./issue_text.ts";
import type { StatePatch } from "./merge.ts";
import { pathText } from "./finding.ts";
import { isSealed, type SecretBox } from "./secret_box.ts";
import { SECRETS_KEY_FILE } from "./secrets_key.ts";
import { mapTexts, type StateSubject } from "./state_texts.ts";

/** What pages show in place of a secret: sent back, it means that the secret stays as it is. */
const UNCHANGED = "***";
/** A reference and nothing else: no secret itself, even where it could be followed. */
const REFERENCE = /^\$\{(file:)?[A-Za-z0-9_./-]+\}$/;

/** A state whose secrets can be read. */
export interface OpenState {
  readonly patch: StatePatch;
  /** Paths are those in the state. */
  readonly faults: readonly Fault[];
}

/** Opens what is sealed. In keys that are no secrets `${…}` loses its meaning: only secrets may refer to others. */
export function openState(state: StatePatch, subject: StateSubject, box: SecretBox | undefined): OpenState {
  const faults: Fault[] = [];
  const patch = mapTexts(state, subject, ({ text, isSecret, path }) => {
    if (!isSecret) return text.replaceAll("${", () => "$${"); // "$$" alone would stand for one $
    if (!isSealed(text)) return text;
    try {
      if (!box) throw new Error(`${SECRETS_KEY_FILE} is missing`);
      return box.open(text);
    } catch (error) {
      const advice = `restore ${SECRETS_KEY_FILE} from a backup, or enter this secret again`;
      faults.push({ path, message: `is a secret that cannot be opened (${reasonOf(error)}): ${advice}` });
      return "";
    }
  });
  return { patch, faults };
}

/**
 * Seals secrets that are not sealed yet, all but empty ones and references; takes out those that stay as they are. Without
 * a box nothing is sealed: the state is only thought of.
 */
export function sealState(state: StatePatch, subject: StateSubject, box: SecretBox | undefined): StatePatch {
  return mapTexts(state, subject, ({ text, isSecret, path }) => {
    if (!isSecret || text === "" || isSealed(text) || REFERENCE.test(text)) return text;
    if (text !== UNCHANGED) return box ? box.seal(text) : text;
    const inList = path.some((key, i) => typeof key === "number" && !(i === 1 && path[0] === "sources"));
    if (!inList) return undefined;
    throw new ConfigError("secret_missing", "is ***: give the secret itself, since lists are replaced whole", {
      path: pathText(path),
    });
  });
}

/** Whether a state holds a text that `sealState` would seal. */
export function needsSealing(state: StatePatch, subject: StateSubject): boolean {
  let isNeeded = false;
  mapTexts(state, subject, ({ text, isSecret }) => {
    if (isSecret && text !== "" && text !== UNCHANGED && !isSealed(text) && !REFERENCE.test(text)) isNeeded = true;
    return text;
  });
  return isNeeded;
}
