/** Short ways to declare settings, so that each stands on few lines. */
import { z } from "zod";
import { homeFile, type SettingMeta } from "../core/schema.ts";

declare module "zod" {
  interface GlobalMeta {
    /** With `notInEffect`: the value that is the case anyway, which needs no mention. */
    happens?: unknown;
  }
}

/** The `group` of keys of the configuration's first template that say nothing here, and never will. */
export const MEANINGLESS = "meaningless";

type Meta = Partial<SettingMeta> & Pick<z.core.GlobalMeta, "happens">;
type Range = readonly [min: number, value: number, max: number];

/** A switch. */
export function flag(value: boolean, description: string, meta: Meta = {}): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(value).meta({ ...meta, description });
}

/** A text that may be left out. */
export function text(description: string, meta: Meta = {}): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  return z.string().min(1).max(2048).nullable().default(null).meta({ ...meta, description });
}

/** A file of the home directory that need not be set. */
export function file(
  description: string,
  meta: Meta = {},
): z.ZodDefault<z.ZodNullable<z.ZodType<string, string>>> {
  return homeFile(description).nullable().default(null).meta({ ...meta, description });
}

/** A file of the home directory, or a directory, with a place of its own. */
export function fileAt(path: string, description: string, meta: Meta = {}): z.ZodDefault<z.ZodType<string, string>> {
  return homeFile(description).default(path).meta({ ...meta, description });
}

/** A number of seconds, fractions included. */
export function seconds([min, value, max]: Range, description: string, meta: Meta = {}): z.ZodDefault<z.ZodNumber> {
  return z.number().min(min).max(max).default(value).meta({ ...meta, description, unit: "s" });
}

/** A whole number with a range and a default. */
export function count([min, value, max]: Range, description: string, meta: Meta = {}): z.ZodDefault<z.ZodNumber> {
  return z.number().int().min(min).max(max).default(value).meta({ ...meta, description });
}

/** A part of a whole, from 0 to 1. */
export function part(value: number, description: string, meta: Meta = {}): z.ZodDefault<z.ZodNumber> {
  return z.number().min(0).max(1).default(value).meta({ ...meta, description });
}

/** A key of the configuration's first template that says nothing here: it is accepted, with a warning. */
export function meaningless(why: string): z.ZodOptional<z.ZodUnknown> {
  return z.unknown().optional().meta({
    description: `Has no meaning here: ${why}.`,
    notInEffect: why,
    group: MEANINGLESS,
  });
}
