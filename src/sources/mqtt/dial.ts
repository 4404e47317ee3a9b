import { connect as connectTcp, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { isEncrypted, type MqttEndpoint } from "./endpoint.ts";
import type { MqttSettings } from "./settings.ts";
import { namedFault } from "./shown_certificate.ts";
import { readTlsFiles, type TlsFiles, type TlsFilesOptions } from "./tls_files.ts";
import { upgrade } from "./websocket/upgrade.ts";

export interface DialOptions extends TlsFilesOptions {
  /** As it is configured. */
  readonly endpoint: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * A stream of MQTT bytes to and from the broker, encrypted and verified where the endpoint says so, and through a
 * WebSocket where it says that.
 * @throws {ConfigError} a file cannot be read, or there is no WebSocket @throws {AuthError} the broker's certificate is of another
 * time or use @throws the socket's own error otherwise, or the signal's reason
 */
export async function dial(endpoint: MqttEndpoint, options: DialOptions): Promise<Duplex> {
  const { signal } = options;
  signal.throwIfAborted();
  const files = isEncrypted(endpoint) ? await readTlsFiles(options) : undefined;
  const socket = files ? secured(endpoint, options.tls, files) : connectTcp(endpoint.port, endpoint.hostname);
  socket.setNoDelay(true);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => socket.destroy(new Error("aborted"));
  signal.addEventListener("abort", onAbort, { once: true });
  socket.once(files ? "secureConnect" : "connect", () => resolve());
  socket.on("error", (error) => {
    reject(error);
    socket.destroy(error); // so that whoever takes it over after an error finds it
  });
  socket.once("close", () => reject(new Error("the broker closed the connection")));
  try {
    await promise;
    return endpoint.path === "" ? socket : await upgrade(socket, endpoint);
  } catch (error) {
    socket.destroy();
    if (signal.aborted || !files) throw signal.aborted ? signal.reason : error;
    const again = () => secured(endpoint, { ...options.tls, verify_mode: "CERT_NONE" }, { ca: files.ca });
    const fault = await namedFault(error, { endpoint: options.endpoint, again, nowMs: options.nowMs, signal });
    throw signal.aborted ? signal.reason : fault;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function secured({ hostname, port }: MqttEndpoint, tls: MqttSettings["tls"], files: TlsFiles): TLSSocket {
  const name = tls.server_name ?? hostname;
  return connectTls({
    host: hostname,
    port,
    ...files,
    minVersion: tls.tls_version,
    rejectUnauthorized: tls.verify_mode !== "CERT_NONE",
    ...(isIP(name) ? {} : { servername: name }),
  });
}
