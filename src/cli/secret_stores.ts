import { SecretStores, type SecretStoresOptions } from "../secrets/mod.ts";
import type { Call, Terminal } from "./command.ts";
import { textReader } from "./load.ts";
import { printable } from "./printable.ts";

/** The stores that secrets of this home stand in; whoever opens them disposes of them. */
export function secretStores(
  { home }: Pick<Call, "home">,
  { clock, err }: Pick<Terminal, "clock" | "err">,
  tell: SecretStoresOptions["tell"] = (level, message) => level === "warn" && err(`warning: ${printable(message)}\n`),
): SecretStores {
  return new SecretStores({ home, clock, readTextFile: textReader(home), tell });
}
