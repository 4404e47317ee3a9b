/** Stores of secrets by hand, as their API documents describe them, on loopback. */

/** One that is away answers nobody. */
abstract class FakeStore implements AsyncDisposable {
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
  }[] = [];
  isAway = false;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const url = new URL(request.url);
      const body = await request.text();
      this.requests.push({ method: request.method, path: url.pathname, headers: request.headers, body });
      return this.isAway ? new Response(null, { status: 503 }) : this.answer(request, url, body);
    });
  }

  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  abstract answer(request: Request, url: URL, body: string): Response;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Vault and OpenBao: KV version 2, AppRole, and tokens of a time. */
export class FakeVault extends FakeStore {
  readonly secrets = new Map<string, Record<string, unknown>>();
  readonly tokens = new Set<string>();
  role: { readonly role_id: string; readonly secret_id: string } | undefined;
  leaseSeconds = 3600;
  isRenewable = true;

  answer(request: Request, { pathname }: URL, body: string): Response {
    if (pathname === "/v1/auth/approle/login") return this.#login(body);
    const token = request.headers.get("x-vault-token") ?? "";
    if (!this.tokens.has(token)) return Response.json({ errors: ["permission denied"] }, { status: 403 });
    if (pathname === "/v1/auth/token/lookup-self") {
      return Response.json({ data: { ttl: this.leaseSeconds, renewable: this.isRenewable } });
    }
    if (pathname === "/v1/auth/token/renew-self") return Response.json({ auth: this.#auth(token) });
    const path = /^\/v1\/secret\/data\/(.+)$/.exec(pathname)?.[1] ?? "";
    const data = this.secrets.get(path);
    if (!data) return Response.json({ errors: [] }, { status: 404 });
    return Response.json({ data: { data, metadata: { version: 1 } } });
  }

  #login(body: string): Response {
    const { role_id, secret_id } = JSON.parse(body);
    if (role_id !== this.role?.role_id || secret_id !== this.role?.secret_id) {
      return Response.json({ errors: ["invalid role or secret ID"] }, { status: 400 });
    }
    const token = `hvs.${this.tokens.size + 1}`;
    this.tokens.add(token);
    return Response.json({ auth: this.#auth(token) });
  }

  #auth(client_token: string) {
    return { client_token, lease_duration: this.leaseSeconds, renewable: this.isRenewable };
  }
}

/** Azure Key Vault, and where applications sign in. */
export class FakeAzure extends FakeStore {
  readonly secrets = new Map<string, string>();
  /** Told what came with a sign-in; gives whether it is good. */
  isKnown: (form: URLSearchParams) => boolean = () => false;

  answer(request: Request, url: URL, body: string): Response {
    if (url.pathname === "/tenant-1/oauth2/v2.0/token") {
      const form = new URLSearchParams(body);
      const isGood = form.get("scope") === "https://vault.azure.net/.default" && this.isKnown(form);
      if (!isGood) return Response.json({ error: "invalid_client" }, { status: 401 });
      return Response.json({ token_type: "Bearer", expires_in: 3599, access_token: "az-token" });
    }
    if (request.headers.get("authorization") !== "Bearer az-token") return new Response(null, { status: 401 });
    const value = this.secrets.get(/^\/secrets\/([^/]+)$/.exec(url.pathname)?.[1] ?? "");
    if (value === undefined || url.searchParams.get("api-version") !== "7.4") {
      return Response.json({ error: { code: "SecretNotFound" } }, { status: 404 });
    }
    return Response.json({ value, id: url.href, attributes: { enabled: true } });
  }
}

/** AWS Secrets Manager and the Security Token Service. Signatures are checked by their own tests, against published ones. */
export class FakeAws extends FakeStore {
  readonly secrets = new Map<string, string>();
  webToken = "web-token";

  answer(request: Request, _url: URL, body: string): Response {
    const form = new URLSearchParams(body);
    if (form.get("Action") === "AssumeRoleWithWebIdentity") return this.#lend(form);
    const { authorization, target, lent } = {
      authorization: request.headers.get("authorization") ?? "",
      target: request.headers.get("x-amz-target"),
      lent: request.headers.get("x-amz-security-token"),
    };
    const key = /^AWS4-HMAC-SHA256 Credential=([A-Z]+)\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request, /.exec(
      authorization,
    )?.[1];
    const isKnown = (key === "AKID" && lent === null) || (key === "ASIA" && lent === "session");
    if (!isKnown || target !== "secretsmanager.GetSecretValue") {
      return Response.json({ __type: "UnrecognizedClientException" }, { status: 400 });
    }
    const { SecretId } = JSON.parse(body);
    const SecretString = this.secrets.get(SecretId);
    if (SecretString === undefined) return Response.json({ __type: "ResourceNotFoundException" }, { status: 400 });
    return Response.json({ Name: SecretId, SecretString });
  }

  #lend(form: URLSearchParams): Response {
    if (form.get("WebIdentityToken") !== this.webToken) return new Response("<Error/>", { status: 400 });
    const at = new Date(Date.now() + 3_600_000).toISOString();
    return new Response(`<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
      <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>lent</SecretAccessKey><SessionToken>session</SessionToken>
      <Expiration>${at}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`);
  }
}
