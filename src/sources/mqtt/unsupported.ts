import type { SourceConfig, Unsupported } from "../../core/source.ts";
import { withoutEffect } from "./covered_entries.ts";
import { isEncrypted, parseMqttEndpoint } from "./endpoint.ts";
import type { MqttSettings } from "./settings.ts";

/** Settings that contradict the endpoint. Paths begin at the entry in `sources[]`. */
export function unsupportedMqtt({ endpoint, settings }: SourceConfig<MqttSettings>): readonly Unsupported[] {
  return [...unsupportedTls(endpoint, settings.tls), ...withoutEffect(settings)];
}

function unsupportedTls(text: string, tls: MqttSettings["tls"]): readonly Unsupported[] {
  const endpoint = parseMqttEndpoint(text);
  if (!endpoint || tls.enabled === null || tls.enabled === isEncrypted(endpoint)) return [];
  const instead = { mqtt: "mqtts", mqtts: "mqtt", ws: "wss", wss: "ws" }[endpoint.scheme];
  const message =
    `${tls.enabled} does not agree with endpoint ${text}: leave it out, or use an endpoint that begins with ${instead}://`;
  return [{ path: ["mqtt", "tls", "enabled"], message }];
}
