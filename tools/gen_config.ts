/** Makes everything that is told about the configuration from its one schema. */
import { configReference } from "./gen_config_reference.ts";
import { configSample } from "./gen_config_sample.ts";
import { configJsonSchema } from "../src/config/json_schema.ts";

/** File path below the project's root, to text. */
export function generateConfig(): Map<string, string> {
  return new Map([
    ["docs/configuration.md", configReference()],
    ["docs/configuration.schema.json", configJsonSchema()],
    ["config/connector.yaml", configSample()],
  ]);
}
