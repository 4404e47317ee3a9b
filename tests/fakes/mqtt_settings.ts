import type { Config } from "../../src/config/mod.ts";
import type { Secret } from "../../src/lib/secret.ts";

interface Login {
  readonly username: string | null;
  readonly password: Secret | null;
}

/** User and password of the first source, which is one of MQTT. */
export function mqttSettingsOf({ sources: [source] }: Config): Login {
  return source?.mqtt as Login; // the schema has checked it
}
