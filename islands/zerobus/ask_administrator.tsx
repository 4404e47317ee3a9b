import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { type Entered, scriptFor } from "../../src/web/client/first_steps.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { CopyButton } from "./copy_button.tsx";

/** Until nobody types any more. */
const PAUSE_MS = 400;

/** A text for whoever administers the workspace, with what has to be made and granted there. */
export function AskAdministrator({ entered }: { readonly entered: Entered }): VNode {
  const script = useSignal("");
  const { catalog, schema, clientId } = entered;
  useEffect(() => {
    const ending = new AbortController();
    const pause = setTimeout(async () => {
      try {
        script.value = await scriptFor(entered, ending.signal);
      } catch (error) {
        if (ending.signal.aborted) return;
        const { status, title } = problemIn(error);
        // While the connector starts anew, what it said before still holds.
        if (status === 422) script.value = `-- ${title}: check catalog, schema and client ID`;
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(pause);
      ending.abort();
    };
  }, [catalog, schema, clientId]);
  const text = letterOf(script.value);
  return (
    <section class="panel" aria-labelledby="ask-title">
      <header>
        <h2 id="ask-title">What to ask your Databricks administrator for</h2>
        <div class="actions">
          <CopyButton text={text} what="the text for the administrator" />
        </div>
      </header>
      <div class="panel-body">
        <p class="soft">
          A service principal, and these tables with the rights to write them. Copy the text into a message; whoever
          administers the workspace runs the statements there.
        </p>
        <pre tabIndex={0} aria-label="Text for the administrator">{text}</pre>
      </div>
    </section>
  );
}

function letterOf(script: string): string {
  return `-- For the IoT connector: please make a service principal with an OAuth secret (Settings, Identity and access,
-- Service principals), tell me its application ID, and run this in the SQL editor with that ID in the grants.

${script}`;
}
