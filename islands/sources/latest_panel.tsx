import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { useLoaded } from "../../src/web/client/loaded.ts";
import { readLatest } from "../../src/web/client/looks.ts";
import { View } from "../parts/problem.tsx";
import { SampleRows } from "./test_panel.tsx";

const EVERY_MS = 3000;

/** What a source that runs read last, as the rows that it became, anew every few seconds. */
export function LatestPanel({ name }: { readonly name: string }): VNode {
  const { loaded, reload } = useLoaded((signal) => readLatest(name, signal), name);
  useEffect(() => {
    const timer = setInterval(() => document.hidden ? undefined : reload(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <section class="panel" aria-labelledby="latest-title">
      <header>
        <h2 id="latest-title">Latest values</h2>
        <span class="soft small">as they come, the newest first</span>
      </header>
      <div class="panel-body">
        <View of={loaded.value} what="the latest values">
          {(samples) =>
            samples.length > 0
              ? <SampleRows samples={samples} label="Latest readings" />
              : <p class="soft">It has read nothing since it was started.</p>}
        </View>
      </div>
    </section>
  );
}
