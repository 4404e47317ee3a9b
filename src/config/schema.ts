import { z } from "zod";
import { localSinkSettings } from "../sinks/local/spec.ts";
import { zerobusSettings } from "../sinks/zerobus/spec.ts";
import { SOURCES } from "../sources/mod.ts";
import { backpressure } from "./backpressure.ts";
import { deployment, performanceSettings } from "./deployment.ts";
import { gui } from "./gui.ts";
import { meaningless } from "./keys.ts";
import { monitoring } from "./monitoring.ts";
import { processing } from "./processing.ts";
import { resilience } from "./resilience.ts";
import { security } from "./security.ts";
import { anyEntrySchema } from "./source_entry.ts";

/** Everything that config/connector.yaml may say. Documents, JSON Schema and sample are made from it. */
export const configSchema = z.strictObject({
  version: z.literal(1, "must be 1: this version knows no other form of the file").default(1).meta({
    description: "Form of this file.",
  }),
  zerobus: zerobusSettings.prefault({ enabled: false }).meta({
    title: "Zerobus",
    description: "Where rows go: Databricks Zerobus Ingest. Without this block it is off.",
  }),
  local_sink: localSinkSettings.prefault({}).meta({
    title: "Local sink",
    description:
      "Rows into a local SQLite file: for commissioning without a workspace. With zerobus enabled it is a copy that may lag.",
  }),
  sources: z.array(anyEntrySchema(SOURCES)).max(1000).default([]).meta({
    title: "Sources",
    description: "The devices, servers and brokers that are read.",
  }),
  backpressure: backpressure.prefault({}).meta({
    title: "Back-pressure",
    description: "What happens to readings that cannot be sent yet.",
  }),
  processing: processing.prefault({}).meta({ title: "Processing", description: "From readings to requests." }),
  resilience: resilience.prefault({}).meta({ title: "Resilience", description: "What happens after failures." }),
  gui: gui.prefault({}).meta({ title: "Web listener", description: "The web listener." }),
  monitoring: monitoring.prefault({}).meta({ title: "Monitoring", description: "How the connector is watched." }),
  security: security.prefault({}).meta({ title: "Security", description: "Trust, secrets and ways out." }),
  performance: performanceSettings.prefault({}).meta({ title: "Performance", description: "How work is spread." }),
  deployment: deployment.prefault({}).meta({ title: "Deployment", description: "This installation." }),
  features: meaningless("what is configured is on"),
});

/** The whole configuration, parsed and with every default. */
export type Config = z.output<typeof configSchema>;
