import type { DeskCommand } from "./desk_command.ts";
import { dlq } from "./dlq.ts";
import { keys } from "./keys.ts";
import { spool } from "./spool.ts";
import { supportBundle } from "./support_bundle.ts";
import { user } from "./user.ts";

/** Those that a running connector takes too. */
export const DESK_COMMANDS: readonly DeskCommand[] = [spool, dlq, keys, user, supportBundle];
