import type { ComponentChildren, VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { AssetNames } from "./assets.ts";

/** How a page looks: as the system says, or as the viewer chose. */
export type Theme = "system" | "light" | "dark";

export interface DocumentProps {
  readonly title: string;
  readonly names: AssetNames;
  readonly theme: Theme;
  /** Of the viewer's session; absent where nobody is logged in. */
  readonly csrf?: string | undefined;
  readonly children: ComponentChildren;
}

function Document({ title, names, theme, csrf, children }: DocumentProps): VNode {
  return (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === "system" ? "light dark" : theme} />
        {csrf === undefined ? null : <meta name="csrf" content={csrf} />}
        <meta name="config-schema" content={`/assets/${names.schema}`} />
        <title>{`${title} · IoT connector`}</title>
        <link rel="icon" href={`/assets/${names.icon}`} type="image/svg+xml" />
        <link rel="stylesheet" href={`/assets/${names.style}`} />
        <script type="module" src={`/assets/${names.script}`}></script>
      </head>
      <body>{children}</body>
    </html>
  );
}

/** Nothing on a page is inline: no script, no style, no handler. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

export function htmlResponse(props: DocumentProps, status = 200): Response {
  return new Response(`<!doctype html>${renderToString(<Document {...props} />)}`, { status, headers: HEADERS });
}

export function redirect(to: string): Response {
  return new Response(null, { status: 303, headers: { location: to, "cache-control": "no-store" } });
}
