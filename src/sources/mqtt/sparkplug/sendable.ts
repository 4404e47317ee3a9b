import { parseSparkplugTopic } from "./topic.ts";

/**
 * Whether the connector publishes there at all: the state of its own host application (Sparkplug 3.0, 4.2.2), and the
 * commands of nodes, by which births are asked for. Everything else at a broker may be somebody's order.
 */
export function isSendable(topic: string, hostId: string | null): boolean {
  const parsed = parseSparkplugTopic(topic);
  if (parsed?.kind === "state") return parsed.hostId === hostId;
  return parsed?.kind === "message" && parsed.type === "NCMD";
}
