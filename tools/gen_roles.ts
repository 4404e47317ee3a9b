/** Makes docs/roles.md: which role each route of the API asks for, as the document of the API says it. */
import { VERSION } from "../src/lib/version.ts";
import { ROLES } from "../src/service/access.ts";
import { openApiDocument } from "../src/web/api/api.ts";

const HEAD = `<!-- Made by \`deno task gen\` from the routes in src/web/api. Do not edit. -->
# Who may do what

Each role may also do what those before it may. A test asks every route with the role below its own, and without a login
(\`src/web/api/access_test.ts\`). A token may what its own role may, and never more than its owner;
it makes no tokens, users or passwords.
`;
const OPEN = "Without a login";
const TITLES: Readonly<Record<string, string>> = {
  viewer: "A viewer sees",
  operator: "An operator also runs things",
  administrator: "An administrator also changes things",
};

interface Route {
  readonly role: string | undefined;
  /** `GET /api/status` */
  readonly name: string;
  readonly summary: string;
}

/** File path below the project's root, to text. */
export function generateRoles(): Map<string, string> {
  const all = routesOf(openApiDocument(VERSION) as Document); // made of routes: it has this shape
  const chapters = [undefined, ...ROLES].map((role) => {
    const rows = all.filter((route) => route.role === role).map(({ name, summary }) => `| \`${name}\` | ${summary} |`);
    return `\n## ${role === undefined ? OPEN : TITLES[role]}\n\n| route | |\n|---|---|\n${rows.join("\n")}\n`;
  });
  return new Map([["docs/roles.md", HEAD + chapters.join("")]]);
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly description?: string; readonly summary?: string }>>>
  >;
}

function routesOf({ paths }: Document): Route[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { description = "", summary = "" }]): Route => {
      const [, role] = /^Needs the role (\w+)\./.exec(description) ?? [];
      return { role, name: `${method.toUpperCase()} ${path}`, summary };
    })
  );
}
