import type { SourceConfig, Unsupported } from "../../core/source.ts";
import { isEncrypted, parseMqttEndpoint } from "./endpoint.ts";
import type { PayloadSettings } from "./payload_settings.ts";
import type { MqttSettings } from "./settings.ts";

type Path = Unsupported["path"];

/** Settings that parse and that this version cannot do, or that contradict the endpoint. Paths begin at the entry in `sources[]`. */
export function unsupportedMqtt({ endpoint, settings }: SourceConfig<MqttSettings>): readonly Unsupported[] {
  return [
    ...unsupportedTls(endpoint, settings.tls),
    ...unsupportedPayload(settings.payload, ["mqtt", "payload"]),
    ...settings.topics.flatMap(({ payload }, i) => unsupportedPayload(payload, ["mqtt", "topics", i, "payload"])),
  ];
}

function unsupportedTls(text: string, tls: MqttSettings["tls"]): readonly Unsupported[] {
  const endpoint = parseMqttEndpoint(text);
  if (!endpoint || tls.enabled === null || tls.enabled === isEncrypted(endpoint)) return [];
  const instead = { mqtt: "mqtts", mqtts: "mqtt", ws: "wss", wss: "ws" }[endpoint.scheme];
  const message =
    `${tls.enabled} does not agree with endpoint ${text}: leave it out, or use an endpoint that begins with ${instead}://`;
  return [{ path: ["mqtt", "tls", "enabled"], message }];
}

function unsupportedPayload(payload: PayloadSettings | null, path: Path): readonly Unsupported[] {
  if (payload?.format !== "binary") return [];
  const instead = "use auto, json, text or sparkplug_b; the raw payload is kept in the column payload";
  return [refuse([...path, "format"], `payload format ${payload.format}`, instead)];
}

function refuse(path: Path, what: string, instead: string): Unsupported {
  return { path, message: `${what} is not supported by this version: ${instead}` };
}
