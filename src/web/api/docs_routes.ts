/** The API's own description: the OpenAPI document, and Swagger UI to read and try it. */
import { withSharedResponses } from "./shared_responses.ts";
import type { ApiTools } from "./tools.ts";

const TITLE = "IoT connector";
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>API of the IoT connector</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;
/** Changes that are tried out need the session's token. */
const START = `(async () => {
  const { csrf } = await (await fetch("/api/session")).json();
  SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#swagger-ui",
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (csrf) request.headers["x-csrf"] = csrf;
      return request;
    },
  });
})();
`;
/** Swagger UI draws arrows from \`data:\` and styles what it lays out. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JAVASCRIPT = "text/javascript; charset=utf-8";

/** By name, what Swagger UI consists of. Its package is loaded by who asks for it. */
const FILES: Readonly<Record<string, { readonly type: string; readonly text: () => Promise<string> }>> = {
  "swagger-ui.css": {
    type: "text/css; charset=utf-8",
    text: async () => (await import("./swagger_files.ts")).STYLE,
  },
  "swagger-ui-bundle.js": { type: JAVASCRIPT, text: async () => (await import("./swagger_files.ts")).SCRIPT },
  "start.js": { type: JAVASCRIPT, text: () => Promise.resolve(START) },
};

/** Adds them, behind a session as all else. Called last: the document has the routes that were added before. */
export function docsRoutes({ app, guard }: ApiTools, version: string): void {
  registerSecurity(app);
  app.get("/api/openapi.json", guard("viewer"), (context) => context.json(documentOf(app, version)));
  app.get("/api/docs", guard("viewer"), (context) => {
    context.header("content-security-policy", POLICY);
    return context.html(PAGE);
  });
  app.get("/api/docs/:file", guard("viewer"), async (context) => {
    const file = Object.entries(FILES).find(([name]) => name === context.req.param("file"))?.[1];
    if (!file) return context.notFound();
    return context.body(await file.text(), 200, { "content-type": file.type });
  });
}

/** The OpenAPI document of all routes that were added to the app. */
export function documentOf(app: ApiTools["app"], version: string): object {
  return withSharedResponses(app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: TITLE,
      version,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
      description: "What the pages of the connector use, for scripts too. docs/api.md says how to begin.",
    },
    servers: [{ url: "/" }],
  }));
}

function registerSecurity({ openAPIRegistry }: ApiTools["app"]): void {
  const cookie = { type: "apiKey", in: "cookie", name: "iot_session", description: "Of POST /api/session." } as const;
  openAPIRegistry.registerComponent("securitySchemes", "session", cookie);
  const csrf = { type: "apiKey", in: "header", name: "x-csrf", description: "Of a session, for changes." } as const;
  openAPIRegistry.registerComponent("securitySchemes", "csrf", csrf);
  openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
}
