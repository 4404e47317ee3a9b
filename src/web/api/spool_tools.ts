/** What routes of the spool share. */
import { z } from "@hono/zod-openapi";
import { reasonOf } from "../../core/error.ts";
import type { Caller } from "../../service/access.ts";
import type { OneJob } from "../../service/one_job.ts";
import type { Workplace } from "../../service/workplace.ts";
import { Refusal } from "./refusal.ts";
import { LINES, type ToldOptions } from "./told_lines.ts";
import type { ApiTools } from "./tools.ts";

export interface SpoolPlaceView {
  /** @throws {Refusal} `no_spool` while nothing is kept on disk */
  readonly place: () => Workplace;
  /** What may take long is done one at a time. */
  readonly jobs: OneJob;
}

/** Of `toldLines`. */
export const LINES_ANSWER = {
  description:
    "A JSON object a line: `kind` is progress (`done` of `of`), fault, or at last end, with `error` or null.",
  content: { [LINES]: { schema: z.string() } },
} as const;

export function noSpool(): Refusal {
  const title = "This connector keeps nothing on disk, so it has no spool: backpressure.disk_spool.enabled is false";
  return new Refusal({ status: 409, code: "no_spool", title });
}

/** That something intended was not done, or not as a whole, is in the audit too where the answer has begun already. */
export function toldOptions({ access, log }: ApiTools, by: Caller, gone: AbortSignal): ToldOptions {
  return {
    gone,
    log,
    onFailed: ({ code, message }) => {
      try {
        access.noteRefusal(by, code, message);
      } catch (error) {
        log.log("error", `What was not done is missing in the audit: ${reasonOf(error)}`, {
          code: "audit_not_written",
        });
      }
    },
  };
}
