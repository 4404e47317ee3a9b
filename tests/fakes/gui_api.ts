/** An API as browsers see it, played by hand: the pages' tests say what it answers. */
import { Hono } from "hono";

/** What a test may change while a page looks. */
export interface FakeGui {
  viewer: { name: string; role: "viewer" | "operator" | "administrator"; csrf: string } | undefined;
  isSetUp: boolean;
  isReadOnly: boolean;
  /** Answers by `METHOD /path`, without the query. A number is the status of a problem document. */
  readonly answers: Map<string, unknown>;
  /** Bodies that were sent, by `METHOD /path`. */
  readonly sent: [string, unknown][];
  /** Ends the streams of events, and refuses new ones and all sessions, or takes them again. */
  setLive(isLive: boolean): void;
  /** Sent to whoever listens, by name of the event. */
  emit(event: string, data: unknown): void;
}

export function fakeGui(): { gui: FakeGui; api: Hono; close: () => void } {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  let isLive = true;
  const close = () => {
    for (const stream of streams) stream.close();
    streams.clear();
  };
  const text = new TextEncoder();
  const last = new Map<string, string>();
  const gui: FakeGui = {
    viewer: { name: "anna", role: "administrator", csrf: "token" },
    isSetUp: true,
    isReadOnly: false,
    answers: new Map(),
    sent: [],
    setLive(now) {
      isLive = now;
      if (!now) close();
    },
    emit(event, data) {
      const message = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      last.set(event, message);
      for (const stream of streams) stream.enqueue(text.encode(message));
    },
  };
  const api = new Hono();
  api.get("/api/events", () => {
    if (!isLive) return problem(503, "unavailable");
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        own = controller;
        streams.add(controller);
        for (const message of last.values()) controller.enqueue(text.encode(message));
      },
      cancel: () => void streams.delete(own),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  api.all("/api/*", async ({ req }) => {
    const key = `${req.method} ${new URL(req.url).pathname}`;
    if (req.method !== "GET") gui.sent.push([key, await req.json().catch(() => undefined)]);
    const answer = gui.answers.get(key);
    if (!isLive) return problem(503, "unavailable");
    const value = typeof answer === "function" ? await answer(req.raw) : answer;
    if (value === undefined) return problem(404, "not_found");
    if (typeof value === "number") return problem(value, "refused");
    return value instanceof Response ? value : Response.json(value, { headers: { etag: '"1"' } });
  });
  return { gui, api, close };
}

function problem(status: number, code: string): Response {
  const body = { type: "about:blank", status, code, title: `The fake says ${status}` };
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json" } });
}
