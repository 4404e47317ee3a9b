/** Secrets that stand in a store elsewhere: `${secret:name}`. */
import { Secret } from "../lib/secret.ts";
import type { ExpandDeps, Expanded } from "./expand.ts";
import type { Fault } from "./issue_text.ts";
import { type Config, configSchema } from "./schema.ts";
import { metaOf, schemaUnder, valueAt } from "./walk.ts";
import type { Path } from "./yaml_file.ts";

type Followed = Expanded["followed"];

/** What is wrong with where they stand. */
export function followFaults(followed: Followed, value: unknown): Fault[] {
  if (followed.length === 0) return [];
  const provider = valueAt(value, ["security", "secrets", "provider"]) ?? "env";
  const hasStore = provider !== "env" && provider !== "file";
  return followed.flatMap(({ path }): Fault[] => {
    if (!isSecretAt(value, path)) return [{ path, message: "may not come from a store: only passwords and keys may" }];
    if (hasStore) return [];
    const message = `comes from a store, and security.secrets.provider is ${provider}, which is none`;
    return [{ path, message }];
  });
}

/** Lets them tell what the store says. Without a store (a command that asks nobody) their values cannot be had. */
export async function followSecrets(config: Config, followed: Followed, { storeOf }: ExpandDeps): Promise<void> {
  if (followed.length === 0 || !storeOf) return;
  const store = await storeOf(config);
  const valueOf = await store.follow([...new Set(followed.map(({ name }) => name))]);
  for (const { path, name } of followed) {
    const secret = valueAt(config, path);
    if (secret instanceof Secret) secret.follow(() => valueOf(name));
  }
}

function isSecretAt(value: unknown, path: Path): boolean {
  let schema: ReturnType<typeof schemaUnder> = configSchema;
  let here = value;
  for (const key of path) {
    schema = schema && schemaUnder(schema, here, key);
    here = valueAt(here, [key]);
  }
  return schema !== undefined && metaOf(schema).secret === true;
}
