/** Messages of a node, which say nothing of a device. */
const NODE_TYPES = ["NBIRTH", "NDATA", "NDEATH", "NCMD"] as const;
const DEVICE_TYPES = ["DBIRTH", "DDATA", "DDEATH", "DCMD"] as const;

export type MessageType = (typeof NODE_TYPES)[number] | (typeof DEVICE_TYPES)[number];

/** Where a Sparkplug message comes from (Sparkplug 3.0, 4.1), or that it is the state of a host application. */
export type SparkplugTopic =
  | { readonly kind: "state"; readonly hostId: string }
  | {
    readonly kind: "message";
    readonly type: MessageType;
    readonly group: string;
    readonly node: string;
    /** Undefined for messages of the node itself. */
    readonly device: string | undefined;
  };

/** The first level of all topics of Sparkplug B. */
export const NAMESPACE = "spBv1.0";

/** Of group, node and device each: a death has them in a row for every metric. */
export const MAX_LEVEL_CHARACTERS = 1024;

/** Undefined where `topic` is none of Sparkplug B, or has longer names than are taken. */
export function parseSparkplugTopic(topic: string): SparkplugTopic | undefined {
  const [namespace, group, type, node, device, ...rest] = topic.split("/");
  if (namespace !== NAMESPACE || rest.length > 0) return undefined;
  if (group === "STATE") return type && node === undefined ? { kind: "state", hostId: type } : undefined;
  if (!group || !node || [group, node, device].some(isTooLong)) return undefined;
  if (isOneOf(NODE_TYPES, type) && device === undefined) return { kind: "message", type, group, node, device };
  if (isOneOf(DEVICE_TYPES, type) && device) return { kind: "message", type, group, node, device };
  return undefined;
}

/** Where a node or device publishes messages of `type`. */
export function sparkplugTopic(
  type: MessageType,
  { group, node, device }: { readonly group: string; readonly node: string; readonly device?: string | undefined },
): string {
  return `${NAMESPACE}/${group}/${type}/${node}${device === undefined ? "" : `/${device}`}`;
}

function isTooLong(level: string | undefined): boolean {
  return level !== undefined && level.length > MAX_LEVEL_CHARACTERS;
}

function isOneOf<T extends string>(types: readonly T[], type: string | undefined): type is T {
  return types.includes(type as T); // only compared
}
