import { AuthError, ConnectionError, reasonOf } from "../core/error.ts";
import { abortable } from "../lib/condition.ts";
import type { Secret } from "../lib/secret.ts";
import { type Destination, type Notice, titleOf } from "./notice.ts";

export interface EmailOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "tls" | "none";
  readonly username: string | null;
  readonly password: Secret | null;
  readonly from: string;
  readonly to: readonly string[];
  /** PEM text of root certificates beside the built-in ones. */
  readonly extraRoots: string | undefined;
}

const STEP_MS = 15_000;
/** All of a mail: a server that answers a byte now and then never lets a step end. */
const MAIL_MS = 60_000;

/** Mail by SMTP, a connection for each: alerts are rare. */
export function emailTo(options: EmailOptions): Destination {
  const { host, port, from, to } = options;
  const name = `${host}:${port}`;
  return {
    name,
    type: "email",
    async send(notice, signal) {
      signal.throwIfAborted();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(MAIL_MS)]);
      // Loaded when there is something to tell.
      const { createTransport } = await import("nodemailer");
      const transport = createTransport(await transportOptions(options));
      try {
        const mail = { from, to: [...to], subject: subjectOf(notice), text: textOf(notice) };
        // The library ends no mail that is under way: it is left to its own limits of time, and nobody waits for it.
        await abortable(transport.sendMail(mail), limit);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw mailError(name, error);
      } finally {
        transport.close();
      }
    },
  };
}

async function transportOptions({ host, port, tls, username, password, extraRoots }: EmailOptions) {
  const { rootCertificates } = await import("node:tls");
  return {
    host,
    port,
    secure: tls === "tls",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    // A text of ours, never a file or an address that the library would fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(username === null ? {} : { auth: { user: username, pass: password?.reveal() ?? "" } }),
    ...(extraRoots ? { tls: { ca: [...rootCertificates, extraRoots] } } : {}),
  };
}

function subjectOf(notice: Notice): string {
  return `[${notice.connector}] ${titleOf(notice)}`;
}

function textOf(notice: Notice): string {
  const { status, condition, advice, time, connector, version } = notice;
  const said = status === "resolved" ? "This alert has ended." : `Its condition holds: ${condition}`;
  return [
    titleOf(notice),
    "",
    said,
    ...(advice && status === "firing" ? [advice] : []),
    "",
    `Time: ${time}`,
    `Connector: ${connector}, version ${version}`,
  ].join("\n");
}

function mailError(name: string, error: unknown): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EAUTH") {
    const message = `The mail server ${name} refuses the login: check username and password of the destination`;
    return new AuthError("mail_login_refused", message, { cause: error });
  }
  const advice = "Check smtp_host, smtp_port and tls of the destination, and that the firewall lets it through";
  const message = `Cannot send mail by ${name}: ${reasonOf(error)}. ${advice}`;
  return new ConnectionError("mail_not_sent", message, { cause: error });
}
