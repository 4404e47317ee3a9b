import assert from "node:assert/strict";
import { emailTo } from "./email.ts";
import type { Notice } from "./notice.ts";

const NOTICE: Notice = {
  id: "1",
  status: "firing",
  rule: "a",
  subject: null,
  severity: "warning",
  condition: "a > 1",
  advice: null,
  time: "2026-01-01T00:00:00.000Z",
  connector: "press",
  version: "1",
};

Deno.test({
  name: "A mail that is under way ends with the connector, although the server says nothing",
  // The library ends its connection by itself, some seconds later.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const way = { host: "127.0.0.1", port: listener.addr.port, tls: "none", username: null, password: null } as const;
    const mail = emailTo({ ...way, from: "a@example.com", to: ["b@example.com"], extraRoots: undefined });
    const end = new AbortController();
    const sent = mail.send(NOTICE, end.signal);
    using _connection = await listener.accept();
    const started = performance.now();
    end.abort(new Error("the end"));
    await assert.rejects(sent, /the end/);
    assert.ok(performance.now() - started < 5000, "it waited for the server");
  },
});
