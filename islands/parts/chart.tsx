import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { columnsOf, type Sample } from "../../src/web/client/history.ts";

export interface Line {
  readonly key: keyof Sample;
  readonly text: string;
}

interface ChartProps {
  readonly title: string;
  readonly samples: readonly Sample[];
  /** How far back it looks. */
  readonly seconds: number;
  /** One or two. They differ by dashes as well as by colour. */
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

const HEIGHT = 150;
const DASHES = [undefined, [6, 4]] as const;

/** A chart of the last while, with its newest values in words. */
export function Chart({ title, samples, seconds, lines, format }: ChartProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(samples);
  latest.current = samples;
  const keys = lines.map(({ key }) => key);
  useEffect(() => {
    const ending = new AbortController();
    draw(ending.signal);
    const redraw = () => draw(ending.signal);
    addEventListener("themechange", redraw, { signal: ending.signal });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal: ending.signal });
    return () => {
      ending.abort();
      plot.current?.destroy();
    };
    async function draw(signal: AbortSignal): Promise<void> {
      const { default: Plot } = await import("uplot");
      if (signal.aborted || !place.current) return;
      plot.current?.destroy();
      plot.current = new Plot(optionsFor(place.current, lines, format), data(latest.current, keys), place.current);
    }
  }, []);
  useEffect(() => {
    plot.current?.setData(data(samples, keys), false);
    plot.current?.setScale("x", span(samples, seconds));
  }, [samples]);
  useWidth(place, plot);
  return (
    <section class="chart">
      <h3>
        {title}
        {lines.map((line, index) => <Key key={line.key} line={line} index={index} samples={samples} format={format} />)}
      </h3>
      <div class="plot" ref={place} aria-hidden="true"></div>
    </section>
  );
}

interface KeyProps extends Pick<ChartProps, "samples" | "format"> {
  readonly line: Line;
  readonly index: number;
}

function Key({ line, index, samples, format }: KeyProps): VNode {
  const value = samples.at(-1)?.[line.key];
  return (
    <span class="key">
      <svg viewBox="0 0 18 8" aria-hidden="true">
        <path
          d="M0 4h18"
          stroke={`var(--chart-${index + 1})`}
          stroke-width="2.5"
          stroke-dasharray={DASHES[index]?.join(" ")}
        />
      </svg>
      {line.text} {value === undefined ? "–" : format(value)}
    </span>
  );
}

function data(samples: readonly Sample[], keys: readonly (keyof Sample)[]): uPlot.AlignedData {
  return columnsOf(samples, keys);
}

function span(samples: readonly Sample[], seconds: number): { min: number; max: number } {
  const max = samples.at(-1)?.at ?? Date.now() / 1000;
  return { min: max - seconds, max };
}

/** The colours are those of the page at the time of drawing. */
function optionsFor(place: HTMLElement, lines: readonly Line[], format: (value: number) => string): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] } },
    axes: [
      { ...axis, size: 24, space: 80, values: "{HH}:{mm}" },
      { ...axis, size: 64, space: 32, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map((_line, index) => ({
        stroke: colour(`--chart-${index + 1}`),
        width: 2,
        points: { show: false },
        ...(DASHES[index] ? { dash: [...DASHES[index]] } : {}),
      })),
    ],
  };
}

/** Lets the plot follow the width of its place. */
function useWidth(
  place: { readonly current: HTMLDivElement | null },
  plot: { readonly current: uPlot | undefined },
): void {
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry) plot.current?.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
}
