import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { ConfigError, reasonOf } from "../../core/error.ts";
import { linkFree } from "../../core/home_file.ts";
import type { MqttEndpoint } from "./endpoint.ts";
import type { MqttSettings } from "./settings.ts";

export interface DialOptions {
  readonly tls: MqttSettings["tls"];
  /** Absolute path of the home directory. */
  readonly home: string;
  /** PEM text of roots beside the built-in ones. */
  readonly extraRoots: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * A connection to the broker, encrypted and verified where the endpoint says so.
 * @throws {ConfigError} the file with the authority cannot be read @throws the socket's own error otherwise, or the signal's reason
 */
export async function dial(endpoint: MqttEndpoint, options: DialOptions): Promise<Socket> {
  const { signal } = options;
  signal.throwIfAborted();
  const ca = endpoint.scheme === "mqtts" ? await authorities(options) : undefined;
  const socket = ca ? secured(endpoint, options.tls, ca) : connectTcp({ host: endpoint.hostname, port: endpoint.port });
  socket.setNoDelay(true);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => socket.destroy(new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once(ca ? "secureConnect" : "connect", () => resolve());
  socket.on("error", reject); // stays: an error without a listener would end the process
  socket.once("close", () => reject(new Error("the broker closed the connection")));
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function secured({ hostname, port }: MqttEndpoint, tls: MqttSettings["tls"], ca: string[]): Socket {
  const name = tls.server_name ?? hostname;
  return connectTls({
    host: hostname,
    port,
    ca,
    minVersion: tls.tls_version,
    ...(isIP(name) ? {} : { servername: name }),
  });
}

async function authorities({ tls, home, extraRoots }: DialOptions): Promise<string[]> {
  if (tls.ca_cert_path === null) return [...rootCertificates, ...(extraRoots === undefined ? [] : [extraRoots])];
  try {
    return [await Deno.readTextFile(linkFree(home, `${home}/${tls.ca_cert_path}`))];
  } catch (error) {
    throw new ConfigError(
      "mqtt_ca_unreadable",
      `Cannot read tls.ca_cert_path ${tls.ca_cert_path}: ${reasonOf(error)}`,
      {
        path: "mqtt.tls.ca_cert_path",
        cause: error,
      },
    );
  }
}
