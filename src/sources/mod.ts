import type { SourceSpec } from "../core/source.ts";
import { modbus } from "./modbus/spec.ts";
import { mqtt } from "./mqtt/spec.ts";
import { opcua } from "./opcua/spec.ts";

/** Every protocol the connector speaks. To add one, add its spec here; nothing else names it. */
export const SOURCES: readonly SourceSpec[] = [opcua, mqtt, modbus];
