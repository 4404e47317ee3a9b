import http from "node:http";
import https from "node:https";
import type { Config } from "../config/mod.ts";
import { reasonOf } from "../core/error.ts";
import { type Call, type Command, EXIT, type Terminal } from "./command.ts";
import { loadOrExplain } from "./load.ts";
import { printable } from "./printable.ts";

const TIMEOUT_MS = 5000;
/** An answer is short; something else may be listening there. */
const MAX_CHARS = 1024 * 1024;

/** What can be asked, by flag; `live` unless told. */
const PATHS = { live: "/health/live", ready: "/health/ready", flow: "/health" } as const;

/** `health`: asks the connector that runs in this home how it is. For container engines, which can start nothing else. */
export const health: Command = {
  name: "health",
  usage: "[--ready|--flow]",
  summary: "ask the connector that runs here whether it lives; --ready: has begun, --flow: data flows",
  options: { ready: { type: "boolean" }, flow: { type: "boolean" } },
  async run(call, terminal) {
    const loaded = await loadOrExplain(call, terminal);
    if (!loaded) return EXIT.badConfig;
    const { gui } = loaded.config;
    if (!gui.enabled) return tell("gui.enabled is false, so there is nobody to ask", terminal);
    return await ask(gui, pathOf(call), terminal);
  },
};

function pathOf({ flags }: Call): string {
  return flags.flow === true ? PATHS.flow : flags.ready === true ? PATHS.ready : PATHS.live;
}

async function ask(gui: Config["gui"], path: string, terminal: Terminal): Promise<number> {
  const url = `${gui.tls.enabled ? "https" : "http"}://${hostOf(gui.bind)}:${gui.port}${path}`;
  try {
    const { status, body } = await answerOf(url, terminal.stopping);
    terminal.out(`${printable(body)}\n`);
    return status === 200 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    return tell(`there is no answer at ${url}: ${reasonOf(error)}`, terminal);
  }
}

function tell(why: string, { err }: Terminal): number {
  err(`Cannot say how the connector is: ${printable(why)}\n`);
  return EXIT.failed;
}

/** A listener on all addresses is asked at this host's own. */
function hostOf(bind: string): string {
  if (bind === "0.0.0.0") return "127.0.0.1";
  if (bind === "::") return "[::1]";
  return bind.includes(":") ? `[${bind}]` : bind;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The certificate is not looked at: the question goes to this host itself, holds no secret, and its answer is a state. */
function answerOf(url: string, stopping: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT_MS)]);
  const get = url.startsWith("https:") ? https.get : http.get;
  const request = get(url, { signal, agent: false, ...{ rejectUnauthorized: false } }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      body += part;
      if (body.length > MAX_CHARS) request.destroy(new Error("the answer is too long"));
    });
    response.on("error", reject);
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
  });
  request.on("error", reject);
  return promise;
}
