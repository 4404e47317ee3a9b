export type LogLevel = "debug" | "info" | "warn" | "error";

/** Values that a log line may carry. Secrets are a type of their own and print as `***`. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line per call: a sentence for people, fields for machines. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
  /** The same log with `fields` on every line. */
  with(fields: LogFields): Logger;
}
