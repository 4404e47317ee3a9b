import type { SourceConfig, Unsupported } from "../../core/source.ts";
import { sentTwice } from "./covered_entries.ts";
import { plainPassword } from "./plain_password.ts";
import type { MqttSettings } from "./settings.ts";

/** What works and is hardly meant so. Paths begin at the entry in `sources[]`. */
export function cautionsOfMqtt(config: SourceConfig<MqttSettings>): readonly Unsupported[] {
  const plain = plainPassword(config);
  return [
    ...plain === undefined ? [] : [{ path: ["mqtt", "password"], message: plain }],
    ...sentTwice(config.settings),
  ];
}
