/** Lines that one row of a table has room for. */
const SHOWN = 3;

/** What a difference is about, in short: its first lines that go or come. */
export function changedLines(diff: string): string {
  const lines = diff.split("\n").filter((line) => line.startsWith("+") || line.startsWith("-"));
  const shown = lines.slice(0, SHOWN).map((line) => `${line[0]} ${line.slice(1).trim()}`).join("  ");
  return lines.length > SHOWN ? `${shown}  and ${lines.length - SHOWN} more` : shown;
}
