/** Signature Version 4 of AWS (docs.aws.amazon.com, "Create a signed AWS API request"), for requests whose path is plain. */
import { createHash, createHmac } from "node:crypto";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of credentials that were given for a time. */
  readonly sessionToken?: string;
}

export interface SigningOptions {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly service: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly nowMs: number;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Lower-case names; `host` and `x-amz-date` are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** All headers of the signed request but `host`, which is the connection's. */
export function signed(request: UnsignedRequest, options: SigningOptions): Record<string, string> {
  const { credentials, region, service, nowMs } = options;
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const { sessionToken } = credentials;
  const own = {
    ...request.headers,
    "x-amz-date": time,
    ...(sessionToken ? { "x-amz-security-token": sessionToken } : {}),
  };
  const { names, hash } = canonical(request, own);
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`;
  const key = [region, service, "aws4_request"].reduce(
    hmac,
    hmac(`AWS4${credentials.secretAccessKey}`, time.slice(0, 8)),
  );
  const signature = new Uint8Array(hmac(key, toSign)).toHex();
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...own, authorization };
}

function canonical({ method, url, body }: UnsignedRequest, own: Readonly<Record<string, string>>) {
  const headers = Object.entries({ ...own, host: url.host })
    .map(([name, value]): [string, string] => [name, value.trim().replace(/ +/g, " ")])
    .sort(([a], [b]) => a < b ? -1 : 1);
  const query = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join("&");
  const names = headers.map(([name]) => name).join(";");
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join("");
  return { names, hash: sha256([method, url.pathname, query, lines, names, sha256(body)].join("\n")) };
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Uint8Array, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}
