import { z } from "zod";

/** Why a request for a token is refused (RFC 6749, 5.2). */
export interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly error_description: string;
}

/** What the token endpoint knows of itself. */
export interface TokenRules {
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the client may take for the workspace's id: its number, or the ingest endpoint's authority up to the first dot. */
  readonly workspaceIds: readonly string[];
}

const privilegesSchema = z.array(z.strictObject({
  type: z.literal("unity_catalog_privileges"),
  privileges: z.array(z.string()),
  object_type: z.enum(["CATALOG", "SCHEMA", "TABLE"]),
  object_full_path: z.string(),
  operations: z.array(z.string()).optional(),
}));

type Privileges = z.infer<typeof privilegesSchema>;

/**
 * Judges `POST /oidc/v1/token` (RFC 6749, 4.4; RFC 9396 for authorization_details): which table the token is for,
 * undefined for a token of the workspace's API, or why there is none.
 */
export function judgeTokenRequest(
  authorization: string | null,
  form: URLSearchParams,
  rules: TokenRules,
): { readonly table: string | undefined } | OAuthError {
  const expected = `Basic ${new TextEncoder().encode(`${rules.clientId}:${rules.clientSecret}`).toBase64()}`;
  if (authorization !== expected) return refused("invalid_client", "Client authentication failed", 401);
  if (form.get("grant_type") !== "client_credentials") {
    return refused("unsupported_grant_type", "client_credentials only");
  }
  if (form.get("scope") !== "all-apis") return refused("invalid_scope", "the scope must be all-apis");
  const details = form.get("authorization_details");
  if (details === null) return { table: undefined };
  const resources = rules.workspaceIds.map((id) => `api://databricks/workspaces/${id}/zerobusDirectWriteApi`);
  if (!resources.includes(form.get("resource") ?? "")) {
    return refused("invalid_target", `the resource is ${form.get("resource")}, not ${resources[0]}`);
  }
  return tableOf(details) ?? refused("invalid_authorization_details", "they must name one table and its privileges");
}

function refused(error: string, error_description: string, status = 400): OAuthError {
  return { status, error, error_description };
}

/** The one table that these details ask to write, with its catalog and schema. */
function tableOf(details: string): { readonly table: string } | undefined {
  const parsed = privilegesSchema.safeParse(parseJson(details));
  if (!parsed.success || parsed.data.length !== 3) return undefined;
  const table = parsed.data.find((each) => each.object_type === "TABLE");
  const [catalog, schema, name, ...rest] = table?.object_full_path.split(".") ?? [];
  if (!table || !catalog || !schema || !name || rest.length > 0) return undefined;
  const isWhole = allows(parsed.data, "CATALOG", catalog, ["USE CATALOG"]) &&
    allows(parsed.data, "SCHEMA", `${catalog}.${schema}`, ["USE SCHEMA"]) &&
    allows(parsed.data, "TABLE", table.object_full_path, ["MODIFY", "SELECT"]) &&
    table.operations?.join() === "zerobuswrite";
  return isWhole ? { table: table.object_full_path } : undefined;
}

function allows(details: Privileges, type: string, path: string, privileges: readonly string[]): boolean {
  return details.some((each) =>
    each.object_type === type && each.object_full_path === path &&
    each.privileges.toSorted().join() === privileges.join()
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
