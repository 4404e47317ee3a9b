/** Where log lines go: standard output, the log file, or both. */
import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { jsonLine, LogFile, LogShelf, textLine } from "../telemetry/mod.ts";

const DAY_MS = 86_400_000;

export interface LogOutputDeps {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  /** Takes lines for standard output, without their line feed. */
  readonly write: (line: string) => void;
  /** Is told why the file cannot be written. */
  readonly failed: (path: string, reason: string) => void;
  /** Is told of each line that the file will not have. */
  readonly lost: () => void;
}

export interface LogOutput extends AsyncDisposable {
  readonly write: (line: string) => void;
}

export function openLogOutput({ monitoring: { logging } }: Config, deps: LogOutputDeps): LogOutput {
  const resources = new AsyncDisposableStack();
  if (logging.output === "stdout") return { write: deps.write, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  const file = resources.use(openFile(logging, deps));
  const write = logging.output === "file" ? file.write : (line: string) => {
    deps.write(line);
    file.write(line);
  };
  return { write, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

function openFile(
  { file_path: path, format, rotation }: Config["monitoring"]["logging"],
  { home, clock, failed, lost }: LogOutputDeps,
): LogFile {
  const shelf = new LogShelf({
    home,
    path,
    maxFiles: rotation.max_files,
    maxAgeMs: rotation.max_age_days * DAY_MS,
    isCompressed: rotation.compress,
    clock,
  });
  const toText = format === "json" ? jsonLine : textLine;
  const lostLine = (count: number) =>
    toText({
      timeUs: clock.nowUs(),
      level: "warn",
      message: `Here ${count} lines are missing, which the disk did not take`,
      fields: { code: "log_lines_lost", count },
    });
  const maxBytes = rotation.max_size_mb * 1024 * 1024;
  return new LogFile({ shelf, maxBytes, clock, lostLine, lost, failed: (reason) => failed(path, reason) });
}
