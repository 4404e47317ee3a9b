import type { SourceConfig, SourceDeps, SourceSpec } from "../core/source.ts";

/** A source as it is looked at beside a connector that may run, and beside others who look. */
export function asideOf(spec: SourceSpec, config: SourceConfig, { random }: Pick<SourceDeps, "random">): SourceConfig {
  const mark = Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0");
  return spec.aside?.(config, mark) ?? config;
}
