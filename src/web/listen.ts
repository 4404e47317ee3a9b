import type { Clock } from "../core/clock.ts";
import { ConfigError } from "../core/error.ts";
import { within } from "../lib/within.ts";
import { Connections } from "./connections.ts";
import type { Fetch } from "./http_bridge.ts";

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

/**
 * Answers HTTP requests until disposed, one per connection, with bounds on how many connections there are and how long
 * each lasts. Headers beyond 16 KiB are refused, and what comes of a body is never looked at.
 * @throws {ConfigError} when the address cannot be listened on
 */
export function listen(fetch: Fetch, { clock, ...place }: ListenOptions): Listener {
  const listener = openListener(place);
  const connections = new Connections(listener, { fetch, clock });
  return {
    address: listener.addr,
    async [Symbol.asyncDispose]() {
      await within(connections.drain(), CLOSE_MS, clock);
      connections[Symbol.dispose]();
    },
  };
}

type Place = Omit<ListenOptions, "clock">;

function openListener(place: Place): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: place.bind, port: place.port });
  } catch (error) {
    throw listenError(error, place);
  }
}

function listenError(error: unknown, { bind, port, setting }: Place): unknown {
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
