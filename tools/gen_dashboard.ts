/** The dashboard for Grafana: panels in two columns, each with its queries. */

type Query = readonly [expression: string, legend: string];

interface Panel {
  readonly title: string;
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const quantile = (part: number, metric: string, by: string): string =>
  `histogram_quantile(${part}, sum by (le, ${by}) (rate(${metric}_bucket{instance=~"$instance"}[$__rate_interval])))`;
const rate = (metric: string, by: string): string =>
  `sum by (${by}) (rate(${metric}{instance=~"$instance"}[$__rate_interval]))`;
const now = (metric: string): string => `${metric}{instance=~"$instance"}`;

const PANELS: readonly Panel[] = [
  {
    title: "Readings in, rows written",
    unit: "short",
    queries: [
      [rate("connector_records_read_total", "instance"), "in {{instance}}"],
      [rate("connector_records_written_total", "instance"), "written {{instance}}"],
    ],
  },
  {
    title: "Sources that are not connected",
    unit: "none",
    queries: [[`${now("connector_source_up")} == 0`, "{{instance}} {{source}}"]],
  },
  {
    title: "Rows that wait",
    unit: "short",
    queries: [[now("connector_queue_rows"), "all {{instance}}"], [
      now("connector_queue_unsent_rows"),
      "in memory {{instance}}",
    ]],
  },
  {
    title: "Spool",
    unit: "bytes",
    queries: [[now("connector_spool_bytes"), "{{instance}}"], [
      now("connector_spool_limit_bytes"),
      "limit {{instance}}",
    ]],
  },
  {
    title: "Accepted until acknowledged",
    unit: "s",
    queries: [
      [quantile(0.5, "connector_delivery_seconds", "instance"), "half {{instance}}"],
      [quantile(0.99, "connector_delivery_seconds", "instance"), "99 % {{instance}}"],
    ],
  },
  {
    title: "Age of readings when accepted",
    unit: "s",
    queries: [[
      quantile(0.99, "connector_accept_delay_seconds", "instance, protocol"),
      "99 % {{instance}} {{protocol}}",
    ]],
  },
  {
    title: "Answers of the service",
    unit: "s",
    queries: [[quantile(0.99, "connector_sink_request_seconds", "lane"), "99 % {{lane}}"]],
  },
  {
    title: "Circuit breaker not closed",
    unit: "none",
    queries: [[`connector_breaker_state{instance=~"$instance", state!="closed"} == 1`, "{{lane}} {{state}}"]],
  },
  {
    title: "Refused, dropped, lost",
    unit: "short",
    queries: [
      [rate("connector_dead_letters_total", "source, code"), "dead letter {{source}} {{code}}"],
      [rate("connector_records_dropped_total", "source, reason"), "dropped {{source}} {{reason}}"],
      [rate("connector_device_side_records_total", "source, what"), "device {{source}} {{what}}"],
    ],
  },
  {
    title: "Failures of sources and tables",
    unit: "short",
    queries: [
      [rate("connector_source_failures_total", "source, code"), "{{source}} {{code}}"],
      [rate("connector_sink_failures_total", "lane, code"), "{{lane}} {{code}}"],
    ],
  },
  {
    title: "Tags without a value",
    unit: "none",
    queries: [[`${now("connector_source_failing_tags")} > 0`, "{{source}}"]],
  },
  {
    title: "Certificates: days left",
    unit: "d",
    queries: [[`(${now("connector_certificate_expiry_timestamp_seconds")} - time()) / 86400`, "{{certificate}}"]],
  },
  {
    title: "Processor",
    unit: "percentunit",
    queries: [[rate("process_cpu_seconds_total", "instance"), "{{instance}}"]],
  },
  {
    title: "Memory",
    unit: "bytes",
    queries: [
      [now("process_resident_memory_bytes"), "process {{instance}}"],
      [now("process_heap_bytes"), "objects {{instance}}"],
    ],
  },
  {
    title: "Delay of the event loop",
    unit: "s",
    queries: [[quantile(0.99, "connector_event_loop_delay_seconds", "instance"), "99 % {{instance}}"]],
  },
  {
    title: "Log lines",
    unit: "short",
    queries: [[rate("connector_log_lines_total", "level"), "{{level}}"]],
  },
];

const DATA_SOURCE = { type: "prometheus", uid: "${datasource}" };

/** As Grafana imports it (schema 38, Grafana 10 and later). */
export function dashboard(): object {
  return {
    title: "Databricks IoT Connector",
    uid: "iot-connector",
    schemaVersion: 38,
    version: 1,
    editable: true,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    tags: ["iot-connector"],
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
        {
          name: "instance",
          label: "Connector",
          type: "query",
          datasource: DATA_SOURCE,
          query: "label_values(connector_build_info, instance)",
          refresh: 2,
          includeAll: true,
          multi: true,
        },
      ],
    },
    panels: PANELS.map(panel),
  };
}

function panel({ title, unit, queries }: Panel, index: number): object {
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource: DATA_SOURCE,
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: String.fromCharCode(65 + at),
      datasource: DATA_SOURCE,
      expr,
      legendFormat,
    })),
  };
}
