import type { App } from "../app.ts";
import type { Clock } from "../core/clock.ts";
import { openNotifier } from "./notify.ts";
import { type Look, Watchdog } from "./watchdog.ts";

export interface WatchdogPlace {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  env(name: string): string | undefined;
  /** The connector that runs now; undefined between two starts, and before the first. */
  readonly app: () => App | undefined;
  /** Is told once when the service manager cannot be reached. */
  readonly warn: (message: string) => void;
}

/** The watchdog of this process. Undefined where no service manager waits for news of it. */
export function watchdogOf({ home, clock, env, app, warn }: WatchdogPlace): Watchdog | undefined {
  const notifier = openNotifier({ home, socket: env("NOTIFY_SOCKET"), warn });
  if (!notifier) return undefined;
  const look = () => {
    const running = app();
    return running && lookAt(running);
  };
  return new Watchdog({ notifier, clock, watchdogUs: env("WATCHDOG_USEC"), look });
}

/** How an app is now. */
export function lookAt({ board, ledger, unansweredMs }: Pick<App, "board" | "ledger" | "unansweredMs">): Look {
  const sources = [...board.sources.values()];
  return {
    isReady: sources.every(({ wasTried }) => wasTried),
    unansweredMs: unansweredMs(),
    status: () => {
      const connected = sources.filter(({ state }) => state === "connected").length;
      const { queued, spooled } = ledger().total;
      return `${connected} of ${sources.length} sources connected, ${queued + spooled} rows wait to be sent`;
    },
  };
}
