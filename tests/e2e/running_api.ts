/** A connector that runs with its API, and who asks it: a browser by its session, a script by its token. */
import { systemClock } from "../../src/lib/clock.ts";
import { Secret } from "../../src/lib/secret.ts";
import { Access, type Caller, type Role } from "../../src/service/access.ts";
import { freePort } from "../peers/process.ts";
import { Connector, type ConnectorOptions } from "./connector.ts";

/** The password of everybody that a test makes. */
export const PASSWORD = "a long pass phrase";

/** One source, whose device is not asked. */
const YAML = `version: 1
local_sink: { enabled: true }
sources:
  - name: meters
    protocol: modbus
    enabled: false
    endpoint: modbus+tcp://127.0.0.1:1
    modbus: { registers: [{ name: a, address: 1, data_type: uint16 }] }
`;

export interface RunningApi extends AsyncDisposable {
  readonly connector: Connector;
  /** `http://127.0.0.1:PORT` */
  readonly base: string;
  /** The same of its metrics. */
  readonly metrics: string;
  /** A user of this name with this role, and the text of a token of the user's. */
  token(name: string, role: Role): Promise<string>;
}

type ApiOptions = Partial<Pick<ConnectorOptions, "yaml" | "files">>;

export async function startApi({ yaml = YAML, files = {} }: ApiOptions = {}): Promise<RunningApi> {
  const ports = { gui: freePort(), metrics: freePort() };
  const connector = await Connector.start({ yaml, files, ports });
  return {
    connector,
    base: `http://127.0.0.1:${ports.gui}`,
    metrics: `http://127.0.0.1:${ports.metrics}`,
    token: (name, role) => tokenIn(connector.home, { name, role }),
    [Symbol.asyncDispose]: () => connector[Symbol.asyncDispose](),
  };
}

/** What an administrator would make in a browser. */
async function tokenIn(home: string, { name, role }: { name: string; role: Role }): Promise<string> {
  const access = new Access({ home, clock: systemClock });
  const by: Caller = { who: name, role, user: name, from: "127.0.0.1" };
  await access.addUser({ name, role, password: new Secret(PASSWORD) }, by);
  return access.addToken({ name: `token of ${name}`, role, days: 1 }, by).text.reveal();
}

/** A browser's requests. */
export class BrowserClient {
  readonly #base: string;
  #cookie = "";
  #csrf = "";

  constructor(base: string) {
    this.#base = `${base}/api`;
  }

  // deno-lint-ignore no-explicit-any -- tests look into what the API says
  async ask(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<any> {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: { cookie: this.#cookie, "x-csrf": this.#csrf, "content-type": "application/json", ...more },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === "" ? {} : JSON.parse(text);
    this.#cookie = response.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
    this.#csrf = answer.csrf ?? this.#csrf;
    return { status: response.status, etag: response.headers.get("etag"), ...answer };
  }
}
