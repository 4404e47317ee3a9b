import { z } from "zod";

/** From least to most: sees; starts, stops and replays; changes. */
export const ROLES = ["viewer", "operator", "administrator"] as const;

export const roleSchema = z.enum(ROLES);

export type Role = z.output<typeof roleSchema>;

/** Whether `role` may do what `needed` may. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The one of two that may do less. */
export function lesserRole(a: Role, b: Role): Role {
  return isAtLeast(a, b) ? b : a;
}
