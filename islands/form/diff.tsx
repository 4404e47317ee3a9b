import type { VNode } from "preact";

/** Lines that go and lines that come, which differ by their signs too. */
export function Diff({ text }: { readonly text: string }): VNode {
  return (
    <pre tabIndex={0} aria-label="Difference">
      {text.trimEnd().split("\n").map((line, index) => (
        <span key={index} class={line.startsWith("+") ? "diff-add" : line.startsWith("-") ? "diff-gone" : undefined}>{`${line}\n`}</span>
      ))}
    </pre>
  );
}
