/** The first steps of an empty installation: where rows go, and the first source. */
import { endpointDoubt, pairDoubt, workspaceDoubt } from "../../core/databricks_address.ts";
import { request } from "./api.ts";
import type { JsonObject } from "./form_model.ts";
import { isObject } from "./form_value.ts";

/** What a person enters to connect a workspace. */
export interface Entered {
  readonly workspace: string;
  readonly endpoint: string;
  readonly clientId: string;
  readonly secret: string;
  readonly catalog: string;
  readonly schema: string;
}

export const NOTHING: Entered = {
  workspace: "",
  endpoint: "",
  clientId: "",
  secret: "",
  catalog: "iot_data",
  schema: "bronze",
};

/** Which step comes next, by what the configuration says. */
export function nextStep({ zerobus, local_sink, sources }: JsonObject): "target" | "source" | "done" {
  const isOn = (block: JsonObject[string] | undefined) => isObject(block) && block.enabled === true;
  if (!isOn(zerobus) && !isOn(local_sink)) return "target";
  return Array.isArray(sources) && sources.length > 0 ? "done" : "source";
}

/** What seems wrong with what was entered, by field. */
export function doubtsOf({ workspace, endpoint }: Entered): Partial<Record<keyof Entered, string>> {
  const atWorkspace = workspaceDoubt(workspace);
  const atEndpoint = endpointDoubt(endpoint) ?? pairDoubt(workspace, endpoint);
  return {
    ...(atWorkspace === undefined ? {} : { workspace: atWorkspace }),
    ...(atEndpoint === undefined ? {} : { endpoint: atEndpoint }),
  };
}

/** What is still to be entered. */
export function missingIn(entered: Entered): (keyof Entered)[] {
  return (Object.keys(NOTHING) as (keyof Entered)[]).filter((key) => entered[key].trim() === ""); // its own keys
}

/** The `zerobus` block of what was entered. */
export function zerobusOf({ workspace, endpoint, clientId, secret, catalog, schema }: Entered): JsonObject {
  return {
    enabled: true,
    workspace_host: originOf(workspace.trim()),
    zerobus_endpoint: endpoint.trim(),
    auth: { client_id: clientId.trim(), client_secret: secret },
    target: { catalog: catalog.trim(), schema: schema.trim() },
  };
}

/** An address as it is copied from a browser, without the page that was open. */
function originOf(address: string): string {
  const hasScheme = address.includes("://");
  const url = URL.parse(hasScheme ? address : `https://${address}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "") return address;
  return hasScheme ? url.origin : url.host;
}

const KEPT = "first-steps";

/** What was entered before in this browser; never the secret. */
export function keptEntries(): Entered {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    const texts = Object.entries(kept ?? {}).filter(([key, value]) => key in NOTHING && typeof value === "string");
    return { ...NOTHING, ...Object.fromEntries(texts), secret: "" };
  } catch {
    return NOTHING; // nothing is kept in a private window
  }
}

export function keepEntries({ secret: _never, ...entered }: Entered): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(entered));
  } catch { /* then it has to be entered again */ }
}

export function forgetEntries(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch { /* nothing was kept */ }
}

/** The statements for who administers the workspace. @throws {ApiError} */
export async function scriptFor({ catalog, schema, clientId }: Entered, signal: AbortSignal): Promise<string> {
  const tables = { opcua: "opcua_bronze", mqtt: "mqtt_bronze", modbus: "modbus_bronze" };
  const principal = clientId.trim() === "" ? null : clientId.trim();
  const body = { catalog: catalog.trim(), schema: schema.trim(), tables, client_id: principal };
  return (await request<{ sql: string }>("POST", "/api/zerobus/script", { body, signal })).body.sql;
}
