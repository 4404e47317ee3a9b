/** Alerts of a running connector: what rules are looked at with, and who is told. */
import { AlertEngine, alertFile, type Destination, emailTo, noticeOf, Outbox, webhookTo } from "../alerts/mod.ts";
import { alertRulesOf, type Config, type LoadedConfig } from "../config/mod.ts";
import type { ActiveAlert, AlertEvent, AlertRule, DeliveryStatus } from "../core/alert.ts";
import type { Clock } from "../core/clock.ts";
import { VERSION } from "../lib/version.ts";
import { ProxiedClients } from "../sinks/zerobus/proxied_clients.ts";
import { AlertLooks, type AlertLooksDeps } from "./alert_looks.ts";
import { proxyOf } from "./network.ts";

const LOOK_MS = 5000;

export interface AlertsDeps extends AlertLooksDeps {
  readonly home: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly extraRoots: string | undefined;
}

/** What API and pages show and do. */
export interface RunningAlerts extends AsyncDisposable {
  active(): readonly ActiveAlert[];
  /** The newest first. */
  history(): readonly AlertEvent[];
  rules(): readonly AlertRule[];
  deliveries(): readonly DeliveryStatus[];
  acknowledge(id: string, by: string): ActiveAlert | undefined;
  silence(id: string, by: string, untilUs: number): ActiveAlert | undefined;
}

export function openAlerts({ config }: LoadedConfig, deps: AlertsDeps): RunningAlerts {
  const { home, clock, telemetry: { log } } = deps;
  const resources = new AsyncDisposableStack();
  const outboxes = destinationsOf(config, deps, resources).map((destination) =>
    resources.use(new Outbox({ destination, clock, log, random: deps.random }))
  );
  const rules = alertRulesOf(config.monitoring.alerts);
  const teller = { connector: config.deployment.instance_id ?? Deno.hostname(), version: VERSION };
  const engine = new AlertEngine({
    rules,
    clock,
    file: alertFile(home, log),
    tell: (event, rule) => {
      const level = event.change === "resolved" || rule.severity === "info" ? "info" : "warn";
      log.log(level, `Alert ${told(event)}`, { code: "alert", alert: rule.name, severity: rule.severity });
      for (const outbox of outboxes) outbox.put(noticeOf(event, rule, teller));
    },
    onFull: (kept) =>
      log.log(
        "warn",
        `More than ${kept} alerts stand: the most severe are kept, others are told when some have ended`,
        {
          code: "alerts_full",
        },
      ),
  });
  const looks = new AlertLooks(deps, engine.names);
  // Ended before the outboxes: it may give them something until then.
  if (rules.length > 0) resources.use(clock.every(LOOK_MS, async () => engine.look(await looks.look())));
  return {
    active: () => engine.active(),
    history: () => engine.history,
    rules: () => rules,
    deliveries: () => outboxes.map(({ status }) => status),
    acknowledge: (id, by) => engine.acknowledge(id, by),
    silence: (id, by, untilUs) => engine.silence(id, by, untilUs),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function told({ rule, subject, change }: AlertEvent): string {
  const what = subject === "" ? rule : `${rule} of ${subject}`;
  return change === "resolved" ? `${what} has ended` : `${what} fires`;
}

function destinationsOf(
  config: Config,
  { clock, extraRoots }: AlertsDeps,
  resources: AsyncDisposableStack,
): Destination[] {
  const { destinations } = config.monitoring.alerts;
  const clients = resources.use(new ProxiedClients({ extraRoots, proxy: proxyOf(config) }));
  return destinations.filter(({ enabled }) => enabled).map((destination): Destination => {
    if (destination.type === "email") {
      const { smtp_host: host, smtp_port: port, tls, username, password, from, to } = destination;
      return emailTo({ host, port, tls, username, password, from, to, extraRoots });
    }
    const { url, method, secret } = destination;
    const clientFor = (host: string) => clients.clientFor(host);
    return webhookTo({ url, method, secret, clock, userAgent: `iot-connector/${VERSION}`, clientFor });
  });
}
