/** What differs between two configurations: for people, and for who looks later whether that was all. */
import { createHash } from "node:crypto";
import { changedPaths, diffOf, foldedPaths, fullDiffOf, type LoadedConfig } from "../config/mod.ts";
import { type Effects, effectsOf } from "./effects.ts";

/** Characters; a line of the audit has room for them. */
const MAX_PATHS = 15_000;

export interface Comparison {
  /** Lines of YAML with - and + before them, without secrets; long blocks are cut. */
  readonly diff: string;
  /** What differs, by path; where that is too long, the deepest by what they lie in and how many they are. */
  readonly paths: string;
  /** Of the difference with nothing left out, hexadecimal. */
  readonly sha256: string;
  readonly effects: Effects;
}

export function compared(before: LoadedConfig, next: LoadedConfig): Comparison {
  const full = fullDiffOf(before.config, next.config);
  return {
    diff: diffOf(before.config, next.config),
    paths: foldedPaths(changedPaths(before.config, next.config), MAX_PATHS),
    sha256: createHash("sha256").update(full).digest("hex"),
    effects: effectsOf(before, next),
  };
}
