import { ConfigFileError } from "../config/mod.ts";

/** What is wrong with single settings, by their path: `sources[0].mqtt.topics[1].qos`. */
export interface SettingFault {
  readonly path: string;
  readonly message: string;
}

/** The faults of a configuration that cannot be used; undefined for any other error. */
export function settingFaults(error: unknown): readonly SettingFault[] | undefined {
  if (!(error instanceof ConfigFileError)) return undefined;
  const errors = error.findings.filter(({ severity }) => severity === "error");
  return errors.map(({ path, message }) => ({ path, message }));
}
