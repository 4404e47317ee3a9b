import { z } from "zod";
import { Secret } from "../lib/secret.ts";

/** What a setting's schema tells people, beside its type: documents, form and sample file are made from it. */
export interface SettingMeta {
  title?: string;
  /** One sentence, for the person who fills it in. */
  description: string;
  examples?: unknown[];
  /** "ms", "s", "MB", "bytes", "rows", … */
  unit?: string;
  /** Shown as `***` everywhere, stored encrypted. */
  secret?: boolean;
  /** An address that may hold a user and a password: these are shown as `***`, and it is stored encrypted where it does. */
  holdsPassword?: boolean;
  group?: string;
  /** The part of the product that will honour it is not there yet: `check` says so when it is set. */
  notInEffect?: string;
}

declare module "zod" {
  interface GlobalMeta extends Partial<Omit<SettingMeta, "title" | "description" | "examples">> {}
}

/** A password, token or key. Parsed into a `Secret`. */
export function secretText(description: string): z.ZodType<Secret, string> {
  return z.string().transform((text) => new Secret(text)).meta({ description, secret: true });
}

/** A file under the home directory: relative, with no way out of it. */
export function homeFile(description: string): z.ZodType<string, string> {
  const rule = "must be a path relative to the home directory, without '..' and control characters";
  return z.string().min(1).refine(staysInside, rule).meta({ description });
}

function staysInside(path: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  return !/[\x00-\x1f\x7f-\x9f]/.test(path) && !path.startsWith("/") && !path.split("/").includes("..");
}

/** `labels` of one entry of what is read: as those of the source, and before them. */
export function tagLabels(): z.ZodType<Record<string, string>, Record<string, string> | undefined> {
  return z.record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/), z.string().max(256)).default({}).meta({
    description: "Added to the labels of the source, for these rows; of a label that both have, this one counts.",
    examples: [{ line: "4" }],
  });
}

/** A whole number within a range; out of range is an error that names the range. */
export function integer(min: number, max: number): z.ZodNumber {
  return z.number().int().min(min).max(max);
}
