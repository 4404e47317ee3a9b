import type { Clock } from "../core/clock.ts";
import { ConfigError } from "../core/error.ts";
import { problemResponse } from "./problem.ts";

/** How long answers under way may take once the listener closes. */
const CLOSE_MS = 2000;

export interface ListenOptions {
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The block of the configuration that `bind` and `port` stand in, such as `monitoring.metrics.prometheus`. */
  readonly setting: string;
  readonly clock: Clock;
}

/** An open listener. Disposing of it ends it, with the answers under way given a short time. */
export interface Listener extends AsyncDisposable {
  readonly address: Readonly<Deno.NetAddr>;
}

type Fetch = (request: Request) => Response | Promise<Response>;

/**
 * Answers HTTP requests until disposed. The runtime refuses headers beyond some 64 KiB, and what `fetch` does not read of
 * a body is never taken in.
 * @throws {ConfigError} when the address cannot be listened on
 */
export function listen(fetch: Fetch, { bind, port, setting, clock }: ListenOptions): Listener {
  const open = new Set<(answer: Response) => void>();
  const server = openServer((request) => interruptible(fetch, request, open), { bind, port, setting });
  return {
    address: server.addr,
    async [Symbol.asyncDispose]() {
      const ended = server.shutdown().then(() => true);
      const timer = new AbortController();
      const timeUp = () => clock.sleep(CLOSE_MS, timer.signal).then(() => false, () => false);
      if (!(await Promise.race([ended, timeUp()]))) {
        // Never by the server's own abort signal: Deno 2.9 throws when it comes after a shutdown.
        for (const end of open) {
          end(problemResponse({ status: 503, code: "stopped", title: "The connector has stopped" }));
        }
        await Promise.race([ended, timeUp()]);
      }
      timer.abort();
    },
  };
}

/** Answers a request; while it waits for its answer, one in `open` can end it. */
async function interruptible(
  fetch: Fetch,
  request: Request,
  open: Set<(answer: Response) => void>,
): Promise<Response> {
  const { promise, resolve } = Promise.withResolvers<Response>();
  open.add(resolve);
  try {
    return await Promise.race([fetch(request), promise]);
  } finally {
    open.delete(resolve);
  }
}

function openServer(
  fetch: Fetch,
  { bind: hostname, port, setting }: Omit<ListenOptions, "clock">,
): Deno.HttpServer<Deno.NetAddr> {
  const onError = () =>
    problemResponse({ status: 500, code: "internal_error", title: "The connector failed to answer" });
  try {
    return Deno.serve({ hostname, port, onError, onListen: () => {/* the caller tells */} }, fetch);
  } catch (error) {
    throw listenError(error, { bind: hostname, port, setting });
  }
}

function listenError(error: unknown, { bind, port, setting }: Omit<ListenOptions, "clock">): unknown {
  const start = `Cannot listen on ${bind.includes(":") ? `[${bind}]` : bind}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    const message = `${start}: another program has the port; end it, or set ${setting}.port to a free one`;
    return new ConfigError("port_in_use", message, { cause: error, path: `${setting}.port` });
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    const message = `${start}: this host has no such address; set ${setting}.bind to one it has`;
    return new ConfigError("address_not_available", message, { cause: error, path: `${setting}.bind` });
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    const message = `${start}: the connector's user may not; set ${setting}.port to one above 1023`;
    return new ConfigError("port_not_permitted", message, { cause: error, path: `${setting}.port` });
  }
  return error;
}
