import type { Terminal } from "./command.ts";

/** Does all of a piece of work that tells in bytes how far it is, and shows that where somebody watches. */
export async function followed(
  steps: AsyncIterable<{ readonly done: number; readonly of: number }>,
  { progress }: Pick<Terminal, "progress">,
): Promise<void> {
  for await (const { done, of } of steps) progress({ done, of, unit: "bytes" });
}
