/** Tells the metrics when certificates end. */
import type { LoadedConfig } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/error.ts";
import { usedCertificates } from "./certificate_days.ts";
import type { Telemetry } from "./telemetry.ts";

const INTERVAL_MS = 600_000;

export interface CertificateWatch {
  readonly home: string;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "log" | "metrics">;
  readonly loaded: () => LoadedConfig;
}

/** Looks at the certificates in use now and every ten minutes, until disposed. */
export function watchCertificates(watch: CertificateWatch): AsyncDisposable {
  let looking = look(watch);
  const timer = watch.clock.every(INTERVAL_MS, () => {
    looking = looking.then(() => look(watch));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      timer[Symbol.dispose]();
      await looking;
    },
  };
}

async function look({ home, clock, telemetry: { log, metrics }, loaded }: CertificateWatch): Promise<void> {
  try {
    const used = await usedCertificates(home, clock, loaded);
    metrics.certificatesEnd(new Map(used.map(([name, { not_after }]) => [name, Date.parse(not_after) / 1000])));
  } catch (error) {
    log.log("warn", `Cannot look at the certificates for the metrics: ${reasonOf(error)}`, {
      code: "certificates_unread",
    });
  }
}
