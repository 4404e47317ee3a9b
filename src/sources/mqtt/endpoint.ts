/** Where a broker is, parsed once from the configuration's text. */
export interface MqttEndpoint {
  readonly scheme: "mqtt" | "mqtts" | "ws" | "wss";
  readonly hostname: string;
  readonly port: number;
  /** Of a WebSocket listener; empty for the others. */
  readonly path: string;
}

/** Registered ports of MQTT and MQTT over TLS (IANA), and the usual ones of its WebSocket listeners. */
const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 } as const;

/** Where brokers of many makers have their WebSocket listener; mosquitto answers at any path. */
const DEFAULT_PATH = "/mqtt";

const ENDPOINT = /^(mqtts?|wss?):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?(\/\S*)?$/;

/**
 * Reads `endpoint:` of an MQTT source.
 *
 * ```ts
 * parseMqttEndpoint("wss://broker.plant"); // { scheme: "wss", hostname: "broker.plant", port: 443, path: "/mqtt" }
 * ```
 * @returns undefined when `text` is none
 */
export function parseMqttEndpoint(text: string): MqttEndpoint | undefined {
  const [, word, host, portText, path] = ENDPOINT.exec(text) ?? [];
  if (host === undefined) return undefined;
  const scheme = word as MqttEndpoint["scheme"]; // the expression admits these four words only
  const isSocket = scheme === "mqtt" || scheme === "mqtts";
  if (isSocket && path !== undefined && path !== "/") return undefined;
  const port = portText === undefined ? DEFAULT_PORTS[scheme] : Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  return { scheme, hostname: host.replace(/^\[|\]$/g, ""), port, path: isSocket ? "" : path ?? DEFAULT_PATH };
}

/** Whether the broker is on this host, so that nothing crosses a network. */
export function isLoopback({ hostname }: Pick<MqttEndpoint, "hostname">): boolean {
  return hostname.toLowerCase() === "localhost" || hostname === "::1" || /^127(\.\d+){3}$/.test(hostname);
}

/** Whether what goes to and fro is encrypted. */
export function isEncrypted({ scheme }: Pick<MqttEndpoint, "scheme">): boolean {
  return scheme === "mqtts" || scheme === "wss";
}
