/** Alerts: those that stand, what happened, and what a person makes of them. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ActiveAlert, AlertEvent, AlertRule, DeliveryStatus } from "../../core/alert.ts";
import { Refusal } from "./refusal.ts";
import { CONFLICT, needs, NOT_FOUND, reads, takes } from "./route.ts";
import { isoTime, json, jsonBody, listOf, pageOf, pageQuery, time } from "./schema.ts";
import type { ApiTools } from "./tools.ts";

/** What the API shows and does. */
export interface AlertsView {
  active(): readonly ActiveAlert[];
  /** The newest first. */
  history(): readonly AlertEvent[];
  rules(): readonly AlertRule[];
  deliveries(): readonly DeliveryStatus[];
  acknowledge(id: string, by: string): ActiveAlert | undefined;
  silence(id: string, by: string, untilUs: number): ActiveAlert | undefined;
}

const MAX_SILENCE_MINUTES = 10_080;
const severity = z.enum(["info", "warning", "critical"]);
const subject = z.string().nullable().openapi({
  description: "A source, table or certificate; null for the connector as a whole.",
});
const alert = z.object({
  id: z.string(),
  rule: z.string(),
  subject,
  severity,
  state: z.enum(["pending", "firing", "acknowledged", "silenced"]),
  holds: z.boolean().openapi({ description: "A silence stands also while its condition does not hold." }),
  condition: z.string(),
  advice: z.string().nullable(),
  since: time,
  acknowledged_by: z.string().nullable(),
  silenced_by: z.string().nullable(),
  silenced_until: time.nullable(),
}).openapi("Alert");
const alerts = z.object({
  active: z.array(alert).openapi({ description: "The worst first." }),
  rules: z.array(z.object({
    name: z.string(),
    condition: z.string(),
    severity,
    duration_seconds: z.number(),
  })),
  destinations: z.array(z.object({
    name: z.string(),
    type: z.string(),
    waiting: z.int(),
    delivered: z.int(),
    lost: z.int().openapi({ description: "Given up after the last try, or let go because too many waited." }),
    last_error: z.object({ message: z.string(), since: time }).nullable(),
  })),
}).openapi("Alerts");
const change = z.object({
  time,
  id: z.string(),
  rule: z.string(),
  subject,
  severity,
  change: z.enum(["fired", "resolved", "acknowledged", "silenced", "silence_ended"]),
  by: z.string().nullable(),
}).openapi("AlertChange");

const one = { params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }) };

type Shown = z.output<typeof alert>;

export function shownAlert({ since, silencedUntil, acknowledgedBy, silencedBy, ...rest }: ActiveAlert): Shown {
  return {
    ...rest,
    subject: rest.subject || null,
    since: isoTime(since),
    acknowledged_by: acknowledgedBy,
    silenced_by: silencedBy,
    silenced_until: silencedUntil === null ? null : isoTime(silencedUntil),
  };
}

/** Adds them. */
export function alertRoutes({ app, access, clock, guard, body }: ApiTools, view: AlertsView): void {
  app.openapi(
    createRoute({
      ...needs("viewer", "alerts", "Alerts that stand, the rules, and how telling of them goes"),
      method: "get",
      path: "/api/alerts",
      middleware: [guard("viewer")] as const,
      responses: reads({ 200: json(alerts, "The alerts.") }),
    }),
    (context) =>
      context.json({
        active: view.active().map(shownAlert),
        rules: view.rules().map(({ name, condition, severity, durationSeconds }) => ({
          name,
          condition,
          severity,
          duration_seconds: durationSeconds,
        })),
        destinations: view.deliveries().map(({ lastError, ...rest }) => ({
          ...rest,
          last_error: lastError && { message: lastError.message, since: isoTime(lastError.since) },
        })),
      }, 200),
  );

  app.openapi(
    createRoute({
      ...needs("viewer", "alerts", "What happened to alerts, the newest first"),
      method: "get",
      path: "/api/alerts/history",
      middleware: [guard("viewer")] as const,
      request: { query: pageQuery },
      responses: reads({ 200: json(listOf(change), "A page of it.") }),
    }),
    (context) => {
      const shown = view.history().map((each) => ({
        ...each,
        time: isoTime(each.time),
        subject: each.subject || null,
      }));
      return context.json(pageOf(shown, context.req.valid("query")), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("operator", "alerts", "Say that somebody knows of an alert that fires"),
      method: "post",
      path: "/api/alerts/{id}/ack",
      middleware: [guard("operator")] as const,
      request: one,
      responses: reads({ 200: json(alert, "The alert."), ...NOT_FOUND, ...CONFLICT }),
    }),
    (context) => {
      const { id } = context.req.valid("param");
      const caller = context.get("caller");
      const standing = view.active().find((each) => each.id === id);
      if (!standing) throw noAlert();
      access.intend(caller, "alert.ack", standing.rule);
      const done = view.acknowledge(id, caller.who);
      if (!done) throw new Refusal({ status: 409, code: "alert_not_firing", title: "The alert does not fire now" });
      access.note(caller, "alert.ack", standing.rule, { subject: standing.subject });
      return context.json(shownAlert(done), 200);
    },
  );

  app.openapi(
    createRoute({
      ...needs("operator", "alerts", "Let nobody be told of an alert for a while"),
      method: "post",
      path: "/api/alerts/{id}/silence",
      middleware: [guard("operator"), body] as const,
      request: {
        ...one,
        body: jsonBody(z.strictObject({
          minutes: z.int().min(0).max(MAX_SILENCE_MINUTES).openapi({ description: "0 ends a silence." }),
        })),
      },
      responses: takes({ 200: json(alert, "The alert."), ...NOT_FOUND }),
    }),
    (context) => {
      const { id } = context.req.valid("param");
      const { minutes } = context.req.valid("json");
      const caller = context.get("caller");
      const standing = view.active().find((each) => each.id === id);
      if (!standing) throw noAlert();
      access.intend(caller, "alert.silence", standing.rule);
      const done = view.silence(id, caller.who, clock.nowUs() + minutes * 60_000_000);
      if (!done) throw noAlert();
      access.note(caller, "alert.silence", standing.rule, { subject: standing.subject, minutes });
      return context.json(shownAlert(done), 200);
    },
  );
}

function noAlert(): Refusal {
  return new Refusal({ status: 404, code: "not_found", title: "There is no such alert, or it has ended" });
}
