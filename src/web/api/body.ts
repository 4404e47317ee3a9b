import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./env.ts";
import { Refusal } from "./refusal.ts";

/** Bytes of a JSON body. */
export const MAX_JSON_BYTES = 64 * 1024;

/**
 * Takes in a body up to its limit, once the caller may send it, and checks that it is what it has to be: only a page of
 * our own, or a program, can send JSON here without the browser asking first.
 */
export function limitedBody(type: string, maxBytes: number): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { raw } = context.req;
    const given = (raw.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
    if (given !== type) {
      throw new Refusal({ status: 415, code: "wrong_media_type", title: `The body must be ${type}` });
    }
    if (Number(raw.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const bytes = await readAll(raw.body, maxBytes);
    const { method, headers, signal } = raw;
    context.req.raw = new Request(raw.url, { method, headers, body: bytes, signal }); // it aborts when the client is gone
    await next();
  };
}

async function readAll(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of whatComes(body)) {
    length += part.length;
    if (length > maxBytes) throw tooLarge(maxBytes);
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @throws {Refusal} when its sender is gone before its end, which is no defect of ours */
async function* whatComes(body: ReadableStream<Uint8Array> | null): AsyncIterable<Uint8Array> {
  try {
    yield* body ?? [];
  } catch {
    throw new Refusal({ status: 400, code: "body_incomplete", title: "The body ended before it was complete" });
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal({
    status: 413,
    code: "body_too_large",
    title: `The body may have ${maxBytes / 1024} KiB at most`,
  });
}
