import type { VNode } from "preact";
import type { ValueFault } from "../../src/web/client/api.ts";
import type { Json, JsonObject } from "../../src/web/client/form_model.ts";
import { isObject, patchBetween, withMember } from "../../src/web/client/form_value.ts";
import { BrowsePicker } from "./browse_picker.tsx";

interface OpcuaNodesProps {
  /** The source as the form has it. */
  readonly value: JsonObject;
  /** The saved one; undefined for a new one. */
  readonly saved: JsonObject | undefined;
  readonly onChange: (value: JsonObject) => void;
  /** Shows what the connector said of single settings at their fields. */
  readonly onFaults: (faults: readonly ValueFault[]) => void;
}

/** Ticks nodes of the server into the form of an OPC UA source. */
export function OpcuaNodes({ value, saved, onChange, onFaults }: OpcuaNodesProps): VNode {
  const block = value.opcua;
  const nodes = isObject(block) ? block.nodes : undefined;
  const list: readonly Json[] = Array.isArray(nodes) ? nodes : [];
  const change = (now: readonly Json[]) =>
    onChange(withMember(value, "opcua", withMember(block, "nodes", now.length > 0 ? now : undefined)));
  return <BrowsePicker source={sourceOf(value, saved)} list={list} onChange={change} onFaults={onFaults} />;
}

/** What the connector looks with. What is ticked is no part of it: each tick would be another source. */
function sourceOf(value: JsonObject, saved: JsonObject | undefined): JsonObject {
  const { name: _name, ...rest } = value;
  const change: JsonObject = saved ? { ...patchBetween(saved, value), name: saved.name ?? "" } : rest;
  return isObject(change.opcua) ? { ...change, opcua: withMember(change.opcua, "nodes", undefined) } : change;
}
