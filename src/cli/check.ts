import { effectiveYaml } from "../config/mod.ts";
import { type Command, EXIT } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { printable, printableLines } from "./printable.ts";

/** `check`: is the configuration right? No network is touched. */
export const check: Command = {
  name: "check",
  usage: "",
  summary: "validate the configuration and print it as it takes effect, without secrets",
  async run(call, terminal) {
    const loaded = await loadOrExplain(call, terminal);
    if (!loaded) return EXIT.badConfig;
    terminal.out(printableLines(effectiveYaml(loaded.config)));
    const { warnings, sources, file } = loaded;
    const enabled = sources.filter((source) => source.isEnabled).length;
    const summary = `${printable(file)} is valid: ${enabled} of ${sources.length} sources enabled`;
    terminal.err(`${summary}${warnings.length > 0 ? `, ${warnings.length} warnings` : ""}.\n`);
    return EXIT.ok;
  },
};
