import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { bytes, number } from "../../src/web/client/format.ts";
import { type Sample, SPANS } from "../../src/web/client/history.ts";
import { useHistory } from "../../src/web/client/vitals.ts";
import { Chart } from "../parts/chart.tsx";
import { ChoiceField } from "../parts/field.tsx";

interface ChartsProps {
  /** Of all sources, in the last 15 minutes. */
  readonly samples: readonly Sample[];
  readonly sources: readonly string[];
}

type SpanName = keyof typeof SPANS;

/** How it went, of all sources or of one, in the last quarter of an hour or the last day. */
export function Charts({ samples, sources }: ChartsProps): VNode {
  const span = useSignal<SpanName>("quarter");
  const source = useSignal("");
  const isUsual = span.value === "quarter" && source.value === "";
  return (
    <section class="charts-of" aria-labelledby="charts-title">
      <h2 class="seen-by-readers" id="charts-title">Charts</h2>
      <div class="filters">
        <ChoiceField
          label="Time"
          value={span.value}
          options={[["quarter", "Last 15 minutes"], ["day", "Last 24 hours"]]}
          onChange={(value) => span.value = value === "day" ? "day" : "quarter"}
        />
        <ChoiceField
          label="Readings of"
          value={source.value}
          options={[["", "All sources"], ...sources.map((name) => [name, name] as const)]}
          onChange={(value) => source.value = value}
        />
      </div>
      {isUsual
        ? <Plots samples={samples} seconds={SPANS.quarter.seconds} isOfSource={false} />
        : <Chosen key={`${span.value} ${source.value}`} span={span.value} source={source.value} />}
    </section>
  );
}

function Chosen({ span, source }: { readonly span: SpanName; readonly source: string }): VNode {
  const samples = useHistory(SPANS[span], source);
  return <Plots samples={samples} seconds={SPANS[span].seconds} isOfSource={source !== ""} />;
}

interface PlotsProps {
  readonly samples: readonly Sample[];
  readonly seconds: number;
  /** Rows of all sources wait together: of one there are rates alone. */
  readonly isOfSource: boolean;
}

function Plots({ isOfSource, ...shown }: PlotsProps): VNode {
  return (
    <div class="charts">
      <Chart
        {...shown}
        title="Per second"
        format={number}
        lines={[{ key: "read", text: "in" }, { key: "written", text: "written" }]}
      />
      {isOfSource ? null : (
        <>
          <Chart {...shown} title="Waiting rows" format={number} lines={[{ key: "queue", text: "rows" }]} />
          <Chart {...shown} title="Spool" format={bytes} lines={[{ key: "spoolBytes", text: "size" }]} />
          <Chart
            {...shown}
            title="Acknowledged after"
            format={(ms) => `${number(ms)} ms`}
            lines={[{ key: "ackMs", text: "mean" }]}
          />
        </>
      )}
    </div>
  );
}
