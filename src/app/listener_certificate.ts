/** Lets the web listener show a new certificate before the one it shows ends: a connector may run for years. */
import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/error.ts";
import type { Logger } from "../core/logger.ts";
import type { KeyedCertificate } from "../security/mod.ts";
import type { Listener } from "../web/mod.ts";

const INTERVAL_MS = 600_000;

export interface ListenerCertificate {
  readonly shown: KeyedCertificate;
  /** Reads the files as they are now, and makes our own anew where it ends soon. */
  readonly read: () => Promise<KeyedCertificate>;
  readonly listener: Pick<Listener, "showCertificate">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks every ten minutes, until disposed: also at files that somebody else renews. */
export function watchListenerCertificate(watch: ListenerCertificate): AsyncDisposable {
  let last = watch.shown;
  let looking = Promise.resolve();
  const timer = watch.clock.every(INTERVAL_MS, () => {
    looking = looking.then(async () => {
      last = await look(watch, last);
    });
  });
  return {
    [Symbol.asyncDispose]: async () => {
      timer[Symbol.dispose]();
      await looking;
    },
  };
}

/** The files as they were looked at last: those that cannot be used are not tried again until they are others. */
async function look(watch: ListenerCertificate, last: KeyedCertificate): Promise<KeyedCertificate> {
  const { read, listener, log } = watch;
  let now = last;
  try {
    now = await read();
    if (now.certificate === last.certificate && now.privateKey === last.privateKey) return last;
    await listener.showCertificate(now, (error) => tellDelay(log, error));
    log.log("info", "The web listener shows a new certificate; what is connected goes on", { code: "gui_certificate" });
  } catch (error) {
    const message = `The web listener goes on with its former certificate: ${reasonOf(error)}`;
    log.log("warn", message, { code: "gui_certificate_not_renewed" });
  }
  return now;
}

function tellDelay(log: Logger, error: unknown): void {
  const message = `The web listener cannot be reached while it takes a new certificate: ${
    reasonOf(error)
  }. It goes on trying`;
  log.log("error", message, { code: "gui_listener_delayed" });
}
