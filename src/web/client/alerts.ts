import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AlertChange, AlertState, Severity } from "../../core/alert.ts";
import { request } from "./api.ts";
import type { Told } from "./levels.ts";
import { onEvent } from "./live.ts";

/** An alert as the API tells it. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly subject: string | null;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly holds: boolean;
  readonly condition: string;
  readonly advice: string | null;
  readonly since: string;
  readonly acknowledged_by: string | null;
  readonly silenced_by: string | null;
  readonly silenced_until: string | null;
}

export interface AlertDestination {
  readonly name: string;
  readonly type: string;
  readonly waiting: number;
  readonly delivered: number;
  readonly lost: number;
  readonly last_error: { readonly message: string; readonly since: string } | null;
}

export interface AlertsAnswer {
  readonly active: readonly Alert[];
  readonly rules: readonly { readonly name: string; readonly condition: string; readonly severity: Severity }[];
  readonly destinations: readonly AlertDestination[];
}

export interface AlertHistoryItem {
  readonly time: string;
  readonly rule: string;
  readonly subject: string | null;
  readonly severity: Severity;
  readonly change: AlertChange;
  readonly by: string | null;
}

/** The alerts that stand, as they come; undefined before the first word. */
export function useAlerts(): readonly Alert[] | undefined {
  const alerts = useSignal<readonly Alert[] | undefined>(undefined);
  useEffect(() => onEvent("alerts", (data) => alerts.value = (data as Pick<AlertsAnswer, "active">).active), []);
  return alerts.value;
}

/** @throws {ApiError} */
export async function acknowledge({ id }: Alert): Promise<void> {
  await request("POST", `/api/alerts/${id}/ack`);
}

/** 0 ends a silence. @throws {ApiError} */
export async function silence({ id }: Alert, minutes: number): Promise<void> {
  await request("POST", `/api/alerts/${id}/silence`, { body: { minutes } });
}

/** How an alert stands, in words. */
export function alertTold({ state, severity }: Pick<Alert, "state" | "severity">): Told {
  switch (state) {
    case "pending":
      return { level: "busy", text: "Pending" };
    case "firing":
      return severity === "critical"
        ? { level: "bad", text: "Critical" }
        : severity === "warning"
        ? { level: "warn", text: "Warning" }
        : { level: "idle", text: "Info" };
    case "acknowledged":
      return { level: "warn", text: "Acknowledged" };
    case "silenced":
      return { level: "idle", text: "Silenced" };
  }
}

/** Those that somebody should look at: they fire, and nobody said that they know. */
export function newOnes(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.filter(({ state }) => state === "firing");
}
