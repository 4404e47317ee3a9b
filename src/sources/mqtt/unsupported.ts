import type { SourceConfig, Unsupported } from "../../core/source.ts";
import { parseMqttEndpoint } from "./endpoint.ts";
import type { PayloadSettings } from "./payload_settings.ts";
import type { MqttSettings } from "./settings.ts";

type Path = Unsupported["path"];

/** Settings that parse and that this version cannot do, or that contradict the endpoint. Paths begin at the entry in `sources[]`. */
export function unsupportedMqtt({ endpoint, settings }: SourceConfig<MqttSettings>): readonly Unsupported[] {
  return [
    ...unsupportedEndpoint(endpoint),
    ...unsupportedTls(endpoint, settings.tls),
    ...unsupportedPayload(settings.payload, ["mqtt", "payload"]),
    ...settings.topics.flatMap(({ payload }, i) => unsupportedPayload(payload, ["mqtt", "topics", i, "payload"])),
  ];
}

function unsupportedEndpoint(endpoint: string): readonly Unsupported[] {
  const scheme = parseMqttEndpoint(endpoint)?.scheme;
  if (scheme !== "ws" && scheme !== "wss") return [];
  const instead = scheme === "ws" ? "mqtt://" : "mqtts://";
  return [refuse(["endpoint"], `MQTT over WebSocket (${scheme}://)`, `use the broker's ${instead} listener`)];
}

function unsupportedTls(endpoint: string, tls: MqttSettings["tls"]): readonly Unsupported[] {
  const found: Unsupported[] = [];
  const scheme = parseMqttEndpoint(endpoint)?.scheme;
  const isEncrypted = scheme === "mqtts" || scheme === "wss";
  if (scheme !== undefined && tls.enabled !== null && tls.enabled !== isEncrypted) {
    const instead = tls.enabled ? "mqtts://" : "mqtt://";
    const message =
      `${tls.enabled} does not agree with endpoint ${endpoint}: leave it out, or use an endpoint that begins with ${instead}`;
    found.push({ path: ["mqtt", "tls", "enabled"], message });
  }
  for (const key of ["client_cert_path", "client_key_path"] as const) {
    if (tls[key] === null) continue;
    found.push(refuse(["mqtt", "tls", key], "a client certificate", "use username and password"));
  }
  if (tls.verify_mode !== "CERT_REQUIRED") {
    const instead = "use CERT_REQUIRED, and set ca_cert_path to the authority that signed the broker's certificate";
    found.push(refuse(["mqtt", "tls", "verify_mode"], `verify_mode ${tls.verify_mode}`, instead));
  }
  return found;
}

function unsupportedPayload(payload: PayloadSettings | null, path: Path): readonly Unsupported[] {
  if (payload?.format !== "binary" && payload?.format !== "sparkplug_b") return [];
  const instead = "use auto, json or text; the raw payload is kept in the column payload";
  return [refuse([...path, "format"], `payload format ${payload.format}`, instead)];
}

function refuse(path: Path, what: string, instead: string): Unsupported {
  return { path, message: `${what} is not supported by this version: ${instead}` };
}
