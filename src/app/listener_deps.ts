import type { Buffer } from "../buffer/buffer.ts";
import type { SourceDeps } from "../core/source.ts";
import type { Tracer } from "../lib/tracing.ts";
import type { Access } from "../service/access.ts";
import type { ConfigService } from "../service/config_service.ts";
import type { RecentSource } from "../service/recent_samples.ts";
import type { History } from "../telemetry/mod.ts";
import type { RunningAlerts } from "./alerts.ts";
import type { Telemetry } from "./telemetry.ts";

/** What listeners show, and what their pages change. */
export interface ListenerDeps {
  readonly telemetry: Telemetry;
  readonly buffer: Buffer;
  /** What a look at a device is made with, beside the source that reads it. */
  readonly sourceDeps: Omit<SourceDeps, "report">;
  /** What each source read last, by name. */
  readonly recent: ReadonlyMap<string, RecentSource>;
  /** Lets sources that wait try to connect at once. */
  readonly tryNow: (sources: readonly string[]) => void;
  /** What charts show. */
  readonly history: History;
  readonly alerts: RunningAlerts;
  /** Not there: no calls are traced. */
  readonly tracer?: Tracer | undefined;
  /** What changes the configuration. Not there where nobody can. */
  readonly changes?: ConfigService | undefined;
  /** Users and logins, which outlive the listener. Not there: they are of this listener alone. */
  readonly access?: Access | undefined;
}
