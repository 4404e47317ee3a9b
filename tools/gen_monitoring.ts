/** Makes docs/metrics.md of the metrics in the code, and the dashboard for Grafana. */
import { type DescribedMetric, Metrics } from "../src/telemetry/mod.ts";
import { dashboard } from "./gen_dashboard.ts";

/** Chapters, each with the beginnings of the names in it; a metric stands in the first that it fits. */
const CHAPTERS: readonly (readonly [title: string, beginnings: readonly string[]])[] = [
  ["Sources", ["source_", "records_read", "tag_", "device_side", "accept_delay"]],
  ["What became of the records", [
    "ledger_",
    "records_",
    "dead_letters",
    "quarantined",
    "lost_at_crash",
    "copy_",
    "local_",
  ]],
  ["Queue and spool", ["queue_", "spool_"]],
  ["Tables", ["sink_", "breaker_", "delivery_", "sent_bytes"]],
  ["Host and process", ["", "process_"]],
];

const LABELS: Readonly<Record<string, string>> = {
  source: "name of a source in the configuration",
  protocol: "`opcua`, `mqtt` or `modbus`; `none` for rows that a person imported",
  lane: "a table and the message that its rows are made of, such as `iot_data.bronze.mqtt_bronze#MQTTBronzeRecord`",
  table: "a table's full name",
  code: "code of an error, as in the log and the API",
  reason: "why, in a fixed word",
  what: "what a device or broker told of, in a fixed word",
  state: "a state; of a source or breaker exactly one is 1",
  endpoint: "an endpoint in the configuration of a source",
  result: "`success` or `failure`",
  certificate: "path of a certificate's file, or the subject of a server's; 2,000 at most",
  level: "`debug`, `info`, `warn` or `error`",
  version: "version of the connector",
};

/** File path below the project's root, to text. */
export function generateMonitoring(): Map<string, string> {
  return new Map([
    ["docs/metrics.md", reference(new Metrics({ version: "", startedUs: 0 }).described())],
    ["docs/monitoring/grafana.json", `${JSON.stringify(dashboard(), null, 2)}\n`],
  ]);
}

function reference(metrics: readonly DescribedMetric[]): string {
  const rest = new Set(metrics);
  const chapters = CHAPTERS.map(([title, beginnings]) => {
    const own = [...rest].filter(({ name }) => beginnings.some((start) => isIn(name, start)));
    for (const metric of own) rest.delete(metric);
    return `## ${title}\n\n| metric | kind | labels | |\n|---|---|---|---|\n${own.map(row).join("\n")}\n`;
  });
  return [HEAD, ...chapters, labelChapter(metrics)].join("\n");
}

function isIn(name: string, start: string): boolean {
  return name.startsWith(start.startsWith("process_") ? start : `connector_${start}`);
}

function row({ name, type, labels, help }: DescribedMetric): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help} |`;
}

/** @throws {TypeError} for a label that nothing is written about */
function labelChapter(metrics: readonly DescribedMetric[]): string {
  const used = [...new Set(metrics.flatMap(({ labels }) => labels))];
  const rows = used.map((label) => {
    const text = LABELS[label];
    if (text === undefined) throw new TypeError(`tools/gen_monitoring.ts says nothing of the label ${label}`);
    return `| \`${label}\` | ${text} |`;
  });
  return `## Labels\n\n| label | |\n|---|---|\n${rows.join("\n")}\n`;
}

const HEAD = `<!-- Made by \`deno task gen\` from src/telemetry. Do not edit. -->
# Metrics

Prometheus reads them at \`http://127.0.0.1:9090/metrics\` (\`monitoring.metrics.prometheus\`), in its text format; the API
gives the same as JSON at \`/api/metrics\` to who is logged in. Names and units are those that Prometheus advises: seconds
and bytes, counters end in \`_total\`, a histogram has \`_bucket\`, \`_sum\` and \`_count\`.

No label holds a tag, a topic, a node or a value: their number does not grow with what devices send. 500 sources make some
20 series each. A counter has 10,000 series at most.

Counters begin at 0 with each start of the connector, and when a change of the configuration starts it anew; \`rate()\`
and \`increase()\` allow for that. The ledger counts on.

Files to begin with:

- [alerts.yml](monitoring/alerts.yml): rules for Prometheus, tested by [alerts_test.yml](monitoring/alerts_test.yml)
- [grafana.json](monitoring/grafana.json): a dashboard; import it in Grafana and choose the data source

<!-- needs: Prometheus -->
\`\`\`yaml
# prometheus.yml
scrape_configs:
  - job_name: iot-connector
    static_configs: [{ targets: ["127.0.0.1:9090"] }]
rule_files: [alerts.yml]
\`\`\`

Prometheus' own port is 9090 too: on one host give one of the two another.
`;
