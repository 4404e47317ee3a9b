/** Makes docs/openapi.json: the document that the connector answers at /api/openapi.json. */
import { VERSION } from "../src/lib/version.ts";
import { openApiDocument } from "../src/web/api/api.ts";

/** File path below the project's root, to text. */
export function generateApi(): Map<string, string> {
  return new Map([["docs/openapi.json", `${JSON.stringify(openApiDocument(VERSION), null, 2)}\n`]]);
}
