/** From this host to a service, layer by layer: name, proxy or TCP, TLS. */
import { lookup } from "node:dns/promises";
import { ConnectionError, reasonOf } from "../core/error.ts";
import type { ProxyHop } from "../sinks/zerobus/proxy.ts";
import { fail, type Finding, ok, type Step, warn } from "./step.ts";
import { lookAtTls, type ShownTls } from "./tls_look.ts";
import { type HostPort, openTcp, openTunnel, systemCode } from "./tunnel.ts";

const DAY_MS = 86_400_000;
/** A certificate that ends so soon is told about. */
const SOON_DAYS = 14;

export interface Way extends HostPort {
  /** Begins the ids of its steps, and stands in their titles: `workspace`. */
  readonly name: string;
  readonly isTls: boolean;
  /** Whether HTTP/2 is needed, which some proxies do not let through. */
  readonly needsHttp2: boolean;
  readonly hop: ProxyHop | undefined;
  readonly extraRoots: string | undefined;
  nowMs(): number;
}

/** The last of them is what others need. */
export function waySteps(way: Way): Step[] {
  const { hop, isTls } = way;
  const reached = hop ? [proxyStep(way, hop)] : [dnsStep(way), tcpStep(way)];
  const needs = reached.slice(-1).map(({ id }) => id);
  return isTls ? [...reached, tlsStep(way, needs)] : reached;
}

function dnsStep({ name, host }: Way): Step {
  return {
    id: `${name}.dns`,
    title: `Name of the ${name}`,
    async run() {
      try {
        const found = await lookup(host, { all: true });
        return ok(`${host} is ${found.map(({ address }) => address).join(", ")}`);
      } catch (error) {
        return fail({
          measured: `${host}: ${systemCode(error) || reasonOf(error)}`,
          cause: "This host's DNS does not know the name.",
          remedy: {
            what:
              "Check the address for typing errors. Is it right, then ask who runs the network to let this host resolve:",
            copy: host,
          },
        });
      }
    },
  };
}

function tcpStep(way: Way): Step {
  const { name, host, port } = way;
  return {
    id: `${name}.tcp`,
    title: `Connection to the ${name}`,
    needs: [`${name}.dns`],
    async run(signal) {
      try {
        const socket = await openTcp(way, signal);
        const from = socket.localAddress;
        socket.destroy();
        return ok(`${host}:${port} answers, seen from ${from}`);
      } catch (error) {
        return unreachable(way, error);
      }
    },
  };
}

function unreachable({ host, port }: HostPort, error: unknown): Finding {
  if (isForbidden(error)) {
    return fail({
      measured: `${host}:${port}: refused by the connector itself`,
      cause: "At this address clouds hand credentials to whoever asks: the connector never connects to it.",
      remedy: { what: "Check the address: it is that of no workspace and no Zerobus endpoint." },
    });
  }
  const code = systemCode(error);
  const cause = code === "ECONNREFUSED"
    ? "Something on the way, or the host itself, refuses the connection."
    : "Nothing answers: a firewall on the way lets it go nowhere, most often.";
  return fail({
    measured: `${host}:${port}: ${code || reasonOf(error)}`,
    cause,
    remedy: {
      what: "Ask who runs the firewall for this line, or set security.network.proxy where the way out is a proxy:",
      copy: `allow TCP from this host to ${host} port ${port}`,
    },
  });
}

/** Whether Deno's permissions deny the address. */
function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable || (error instanceof Error && isForbidden(error.cause));
}

function proxyStep(way: Way, hop: ProxyHop): Step {
  const { name, host, port } = way;
  const proxy = `${hop.host}:${hop.port}`;
  return {
    id: `${name}.proxy`,
    title: `Proxy to the ${name}`,
    async run(signal) {
      try {
        const { status, socket } = await openTunnel(way, hop, signal);
        socket.destroy();
        return status === 200 ? ok(`${proxy} opens a tunnel to ${host}:${port}`) : refusedBy(way, { proxy, status });
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return fail({
          measured: `${proxy}: ${systemCode(error) || reasonOf(error)}`,
          cause: "The proxy of security.network.proxy cannot be reached.",
          remedy: {
            what: "Check its address and port, and that the firewall lets this host connect to it:",
            copy: proxy,
          },
        });
      }
    },
  };
}

function refusedBy({ host, port }: Way, { proxy, status }: { proxy: string; status: number }): Finding {
  const measured = `${proxy} answers CONNECT with HTTP ${status}`;
  if (status === 407) {
    const what = "Set user and password in the proxy's address:";
    const copy = "security:\n  network:\n    proxy: { enabled: true, https_proxy: 'http://USER:PASSWORD@" + proxy +
      "' }";
    return fail({
      measured,
      cause: "The proxy wants a user and a password, or refuses those it got.",
      remedy: { what, copy },
    });
  }
  const copy = `allow CONNECT from this host to ${host}:${port}`;
  return fail({
    measured,
    cause: "The proxy opens no tunnel to this host.",
    remedy: { what: "Ask who runs it for:", copy },
  });
}

function tlsStep(way: Way, needs: readonly string[]): Step {
  const { name, host, hop, extraRoots } = way;
  return {
    id: `${name}.tls`,
    title: `Encryption with the ${name}`,
    needs,
    async run(signal) {
      const socket = hop ? (await openTunnel(way, hop, signal)).socket : await openTcp(way, signal);
      try {
        return judgeTls(await lookAtTls({ socket, host, extraRoots, signal }), way);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        return fail({
          measured: error.message,
          cause: "What answers does not encrypt, or something on the way breaks it off.",
          remedy: {
            what: "Check the address and port, and ask whether a firewall inspects or blocks TLS to:",
            copy: host,
          },
        });
      } finally {
        socket.destroy();
      }
    },
  };
}

/** What a certificate is worth for this host. Pure. */
export function judgeTls(
  shown: ShownTls,
  { host, needsHttp2, nowMs }: Pick<Way, "host" | "needsHttp2" | "nowMs">,
): Finding {
  const { fault, subject, issuer, names, endsMs, protocol, hasHttp2 } = shown;
  const days = Math.floor((endsMs - nowMs()) / DAY_MS);
  const measured = `${protocol}, certificate of ${subject}, signed by ${issuer}, ${days} days left`;
  if (fault !== undefined) return fail({ measured, ...distrust(fault, { host, names, issuer, days }) });
  if (needsHttp2 && !hasHttp2) {
    const cause =
      "The peer does not speak HTTP/2, which Zerobus needs: a proxy that opens TLS is in between, or the endpoint is wrong.";
    return fail({ measured, cause, remedy: { what: "Ask that TLS is passed through unopened to:", copy: host } });
  }
  if (days >= SOON_DAYS) return ok(measured);
  const cause = "The certificate ends soon.";
  return warn({ measured, cause, remedy: { what: `Ask who runs ${issuer} to renew it, where it is your own proxy.` } });
}

interface Shown {
  readonly host: string;
  readonly names: string;
  readonly issuer: string;
  readonly days: number;
}

function distrust(fault: string, { host, names, issuer, days }: Shown) {
  if (/ALTNAME|hostname/i.test(fault)) {
    const cause = `The certificate is for ${names || "other names"}, and not for ${host}.`;
    return { cause, remedy: { what: "Check the address; something else answers in its place." } };
  }
  if (/EXPIRED|NOT_YET_VALID/.test(fault) || days < 0) {
    return {
      cause: `The certificate is not valid now (${fault}).`,
      remedy: { what: "Check this host's clock first:", copy: "timedatectl status" },
    };
  }
  return {
    cause: `This host does not trust ${issuer} (${fault}): most often a proxy or firewall that opens TLS.`,
    remedy: {
      what: "Get that authority's certificate as PEM, put it into the home directory, and name it:",
      copy: "security:\n  ca_bundle_path: certs/proxy_ca.pem",
    },
  };
}
