import { HTTPException } from "hono/http-exception";
import { AuthError, ConnectionError, EdgeError, SpoolFullError, TimeoutError } from "../../core/error.ts";
import type { Logger } from "../../core/logger.ts";
import { TooManyAttempts } from "../../service/access.ts";
import { settingFaults } from "../../service/config_faults.ts";
import { problemResponse } from "../problem.ts";
import { Refusal } from "./refusal.ts";

/** Settings that one answer tells of, and characters about them. */
const MAX_FAULTS = 100;
const MAX_DETAIL = 10_000;

/** What some codes are in HTTP; the others go by their class. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  login_failed: 401,
  setup_code_wrong: 401,
  no_user: 404,
  no_token: 404,
  no_session: 404,
  no_dead_letter: 404,
  no_source: 404,
  no_trust_item: 404,
  no_certificate_file: 404,
  no_revocation_item: 404,
  older_revocation_list: 409,
  certificate_in_use: 409,
  pkcs12_password: 422,
  key_sealed: 422,
  browse_no_place: 404,
  already_set_up: 409,
  user_exists: 409,
  last_administrator: 409,
  too_many_users: 409,
  too_many_tokens: 409,
  too_many_certificates: 409,
  too_many_attempts: 429,
  too_many_looks: 429,
  access_file_unreadable: 503,
  audit_not_written: 503,
  config_read_only: 403,
  source_unknown: 404,
  change_unknown: 404,
  change_busy: 409,
  busy: 409,
  imported_before: 409,
  no_room: 503,
  upload_stalled: 400,
  upload_too_large: 413,
  no_carried_file: 404,
  change_not_applied: 409,
  change_not_confirmed: 409,
  config_changed: 412,
  state_not_saved: 503,
  file_not_saved: 503,
};

/** What is told of errors whose message may hold something of a file; the log has all of it. */
const TITLE_OF_CODE: Readonly<Record<string, string>> = {
  access_file_unreadable: "A file of logins cannot be used: the connector's log has why",
  audit_not_written: "The audit cannot be written, so nothing is changed: the connector's log has why",
};

/** The one place in which errors become problem documents. What nobody foresaw is logged, and not told. */
export function errorAnswer(error: unknown, log: Logger): Response {
  if (error instanceof Refusal) return problemResponse(error.problem, error.headers);
  if (error instanceof HTTPException) {
    return problemResponse({ status: 400, code: "bad_request", title: "The request cannot be understood" });
  }
  if (error instanceof EdgeError) {
    const headers: Record<string, string> = error instanceof TooManyAttempts
      ? { "retry-after": String(error.retryInSeconds) }
      : {};
    const title = TITLE_OF_CODE[error.code];
    if (title !== undefined) log.log("error", error.message, { code: error.code });
    const errors = settingFaults(error)?.slice(0, MAX_FAULTS);
    const problem = errors
      ? { title: "The configuration would not be valid", detail: error.message.slice(0, MAX_DETAIL), errors }
      : { title: title ?? error.message };
    return problemResponse({ status: statusOf(error), code: error.code, ...problem }, headers);
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  log.log("error", `A web request met a defect of the connector, please report it: ${message}`, { code: "bug", stack });
  return problemResponse({ status: 500, code: "internal_error", title: "The connector failed to answer" });
}

function statusOf(error: EdgeError): number {
  const known = STATUS_OF_CODE[error.code];
  if (known !== undefined) return known;
  if (error instanceof SpoolFullError) return 503;
  if (error instanceof TimeoutError) return 504;
  if (error instanceof ConnectionError) return 502;
  if (error instanceof AuthError) return 403;
  return 422;
}
