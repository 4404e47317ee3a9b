import type { SourceConfig } from "../../core/source.ts";
import { isEncrypted, isLoopback, parseMqttEndpoint } from "./endpoint.ts";
import type { MqttSettings } from "./settings.ts";

/**
 * What to say of user and password that cross the network as they are; undefined where they do not, or where the
 * configuration allows it. Many plants have brokers without TLS that nobody may change, so it is said and not refused.
 */
export function plainPassword(
  { endpoint: text, settings }: Pick<SourceConfig<MqttSettings>, "endpoint" | "settings">,
): string | undefined {
  const endpoint = parseMqttEndpoint(text);
  if (!endpoint || isEncrypted(endpoint) || isLoopback(endpoint)) return undefined;
  if (settings.username === "" || settings.allow_plain_password) return undefined;
  const instead = endpoint.scheme === "mqtt" ? "mqtts" : "wss";
  return `user and password go to ${text} unencrypted: whoever is between us and the broker can read them. ` +
    `Use ${instead}://, or set allow_plain_password: true where that network is trusted`;
}
