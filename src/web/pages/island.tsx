import type { ComponentType, VNode } from "preact";

interface IslandProps<P> {
  /** What `islands/main.ts` knows it by. */
  readonly name: string;
  readonly of: ComponentType<P>;
  /** Goes to the browser as JSON. */
  readonly props: P;
}

/** A part of a page that lives on in the browser: rendered here first, then taken over by the same component there. */
export function Island<P extends object>({ name, of: Component, props }: IslandProps<P>): VNode {
  return (
    <div class="island" data-island={name} data-props={JSON.stringify(props)}>
      <Component {...props} />
    </div>
  );
}
