/** A change that was asked for and refused has a line in the audit that says so. */
import type { Context } from "hono";
import { EdgeError, reasonOf } from "../../core/error.ts";
import type { Logger } from "../../core/logger.ts";
import type { Access, Caller } from "../../service/access.ts";
import type { ApiEnv } from "./env.ts";
import { Refusal } from "./refusal.ts";

/** Of whatever a handler threw. The answer is the same whether it can be noted or not: nothing was changed. */
export function noteRefusal(
  error: unknown,
  context: Context<ApiEnv>,
  { access, log }: { readonly access: Access; readonly log: Logger },
): void {
  const caller: Caller | undefined = context.get("caller"); // not there where it was refused before it was known
  if (!caller) return;
  const { code, reason } = toldOf(error);
  if (code === "audit_not_written") return;
  try {
    access.noteRefusal(caller, code, reason);
  } catch (cause) {
    log.log("error", `A refused change is missing in the audit: ${reasonOf(cause)}`, { code: "audit_not_written" });
  }
}

function toldOf(error: unknown): { readonly code: string; readonly reason: string } {
  if (error instanceof Refusal) return { code: error.problem.code, reason: error.problem.title };
  if (error instanceof EdgeError) return { code: error.code, reason: error.message };
  return { code: "internal_error", reason: "a defect of the connector: its log says more" };
}
