import { z } from "zod";
import { defineSource } from "../../core/source.ts";
import { opcuaEncoder } from "./encode.ts";
import { opcuaSettings } from "./settings.ts";

/** `opc.tcp://host:port`, with an optional path that some servers want. */
const ENDPOINT = /^opc\.tcp:\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):\d{1,5}(\/\S*)?$/;

/** OPC UA over its binary protocol, as a client that reads and never writes. */
export const opcua = defineSource({
  type: "opcua",
  message: "OPCUABronzeRecord",
  summary: "Subscribes to nodes of an OPC UA server.",
  endpoint: z.string().regex(ENDPOINT, "must look like opc.tcp://192.168.1.100:4840").meta({
    description: "Address of the OPC UA server.",
    examples: ["opc.tcp://192.168.1.100:4840"],
  }),
  schema: opcuaSettings,
  isPaced: true,
  list: "nodes",
  unsupported: () => [],
  encoder: opcuaEncoder,
  load: async () => (await import("./mod.ts")).opcuaAdapter(),
});
