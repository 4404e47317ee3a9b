/**
 * Writes every generated file of the project. `deno task gen --check` writes none, names the stale ones, and exits 1
 * when there is one.
 */
import { generateApi } from "./gen_api.ts";
import { generateBronze } from "./gen_bronze.ts";
import { generateConfig } from "./gen_config.ts";
import { generateMonitoring } from "./gen_monitoring.ts";
import { generateRoles } from "./gen_roles.ts";
import { generateSql } from "./gen_sql.ts";

const root = new URL("../", import.meta.url);
const isCheck = Deno.args.includes("--check");
const files = new Map([
  ...generateBronze(root),
  ...generateConfig(),
  ...generateSql(root),
  ...generateApi(),
  ...generateMonitoring(),
  ...generateRoles(),
]);

const stale = [...files].filter(([path, text]) => readOrEmpty(path) !== text);
for (const [path, text] of stale) {
  if (!isCheck) write(new URL(path, root), text);
  console.log(`${isCheck ? "stale" : "wrote"} ${path}`);
}
if (isCheck && stale.length > 0) {
  console.error("Run `deno task gen` and commit what it writes.");
  Deno.exit(1);
}

function write(file: URL, text: string): void {
  Deno.mkdirSync(new URL("./", file), { recursive: true });
  Deno.writeTextFileSync(file, text);
}

function readOrEmpty(path: string): string {
  try {
    return Deno.readTextFileSync(new URL(path, root));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
