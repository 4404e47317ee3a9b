/** Requests of islands to the API of the page's own connector. */

/** What the API says when it refuses (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** What is wrong with single values, by their path. */
  readonly errors?: readonly ValueFault[];
}

export interface ValueFault {
  /** Such as `sources[0].mqtt.topics[1].qos`. */
  readonly path: string;
  readonly message: string;
}

/** A request that was refused or did not get through. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options: ErrorOptions = {}) {
    super(problem.detail ?? problem.title, options);
    this.problem = problem;
  }
}

export interface Answer<T> {
  readonly body: T;
  /** Version of what was read, for `ifMatch`. */
  readonly etag: string | undefined;
}

export interface SendOptions {
  /** Sent as JSON; a file as it is. */
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  /** Beside those that every request has. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const OFFLINE: Problem = {
  status: 0,
  code: "unreachable",
  title: "The connector cannot be reached. It may be restarting, or the network is down; this page tries again.",
};

/** @throws {ApiError} */
export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request<T>("GET", path, signal ? { signal } : {})).body;
}

/** Without a session the browser goes to the login page. @throws {ApiError} */
export async function request<T>(method: string, path: string, options: SendOptions = {}): Promise<Answer<T>> {
  const response = await send(method, path, options);
  const body = await bodyOf(response);
  // The API's answers are what its document says; each caller names the part of it that it asked for.
  return { body: body as T, etag: response.headers.get("etag") ?? undefined };
}

/** The answer as it comes. Without a session the browser goes to the login page. @throws {ApiError} where it is a refusal */
export async function send(method: string, path: string, options: SendOptions): Promise<Response> {
  const response = await attempt(method, path, options);
  if (response.status === 401 && !isGate()) toLogin();
  if (!response.ok) throw new ApiError(problemOf(response, await bodyOf(response)));
  return response;
}

async function attempt(method: string, path: string, options: SendOptions): Promise<Response> {
  const { body, ifMatch, signal } = options;
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["content-type"] = isFile ? "application/octet-stream" : "application/json";
  if (ifMatch !== undefined) headers["if-match"] = ifMatch;
  const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  if (csrf && method !== "GET") headers["x-csrf"] = csrf;
  try {
    return await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(OFFLINE, { cause: error });
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: a proxy's page, say
  }
}

function problemOf({ status }: Response, body: unknown): Problem {
  if (typeof body === "object" && body !== null && "title" in body) return body as Problem; // a problem document
  return { status, code: "unknown", title: `The connector answered with status ${status}` };
}

/** On the pages before the login, 401 means a wrong password. */
function isGate(): boolean {
  return document.querySelector('meta[name="csrf"]') === null;
}

function toLogin(): void {
  location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
}

/**
 * The lines of an answer that comes bit by bit, each JSON, as they come. Whoever leaves the loop ends the request.
 * @throws {ApiError} when it is refused, or the connection is lost
 */
export async function* requestLines<T>(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<T> {
  yield* linesIn<T>(await send("POST", path, { body, signal }), signal);
}

/** The same of an answer that is there. @throws {ApiError} when the connection is lost */
export async function* linesIn<T>(response: Response, signal: AbortSignal): AsyncGenerator<T> {
  for await (const lines of lineGroupsIn<T>(response, signal)) yield* lines;
}

/** What came together of them, together: a page that draws them draws once. @throws {ApiError} when the connection is lost */
export async function* lineGroupsIn<T>(response: Response, signal: AbortSignal): AsyncGenerator<readonly T[]> {
  // Not every browser can walk through a stream by for await.
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let isDone = false; reader && !isDone;) {
      const { done, value = "" } = await reader.read();
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as T); // as the API's document says
      isDone = done;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(OFFLINE, { cause: error });
  } finally {
    await reader?.cancel().catch(() => {/* it is over */});
  }
}
