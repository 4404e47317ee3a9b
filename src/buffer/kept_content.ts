import { createHash } from "node:crypto";
import type { DeadLetter } from "./dead_letters.ts";

/** Of a payload that is too large so much is kept. */
const CUT_BYTES = 64 * 1024;

/** What a dead letter keeps of `content`: of a payload above `maxBytes` its first 64 KiB, and in words how long it was and which. */
export function keptContent(
  content: DeadLetter["content"],
  maxBytes: number,
): { readonly content: DeadLetter["content"]; readonly note: string } {
  if ("row" in content || content.payload.length <= maxBytes) return { content, note: "" };
  const { payload } = content;
  const hash = createHash("sha256").update(payload).digest("hex");
  const note = ` (of ${payload.length} bytes, SHA-256 ${hash}, only the first ${CUT_BYTES} are kept)`;
  return { content: { ...content, payload: payload.slice(0, CUT_BYTES), isCut: true }, note };
}
