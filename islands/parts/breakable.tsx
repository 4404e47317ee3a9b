import type { VNode } from "preact";

/** Where a long name may go on in the next line, before it breaks within a word. */
const AFTER = /(?<=[_\-/;,=])|(?<=:)(?=\d)/;

/** A name that somebody gave, or a device: it breaks between its words where it has to. */
export function Breakable({ text }: { readonly text: string }): VNode {
  return <>{text.split(AFTER).flatMap((part, index) => index === 0 ? [part] : [<wbr key={index} />, part])}</>;
}
