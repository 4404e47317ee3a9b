export { alertFile } from "./alert_file.ts";
export { emailTo } from "./email.ts";
export { AlertEngine } from "./engine.ts";
export { type Destination, noticeOf } from "./notice.ts";
export { Outbox } from "./outbox.ts";
export type { AlertValues } from "./rule_view.ts";
export { webhookTo } from "./webhook.ts";
