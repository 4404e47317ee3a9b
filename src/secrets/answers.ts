import type { z } from "zod";
import { AuthError, ConfigError, ConnectionError, type EdgeError } from "../core/error.ts";
import type { StoreAnswer } from "./provider.ts";

/** What an answer's JSON says. @throws {ConnectionError} when it is not as the store's documents say */
export function understood<T>(schema: z.ZodType<T>, { status, text }: StoreAnswer, place: string): T {
  const parsed = schema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  throw new ConnectionError("secret_store_answer", `${place} answers (HTTP ${status}) with what cannot be understood`);
}

/** What a status other than 200 stands for. Bodies are not told: they may hold what was sent. */
export function refusalOf(
  status: number,
  { place, what }: { readonly place: string; readonly what: string },
): EdgeError {
  if (status === 404) return new ConfigError("secret_missing", `${place} has no ${what}`);
  if (status === 400 || status === 401 || status === 403) {
    return new AuthError("secret_refused", `${place} does not let us have ${what} (HTTP ${status})`);
  }
  return new ConnectionError("secret_store_away", `${place} answers with HTTP ${status} for ${what}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
