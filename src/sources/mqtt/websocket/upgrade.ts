import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { ConfigError } from "../../../core/error.ts";
import type { MqttEndpoint } from "../endpoint.ts";
import { WebSocketStream } from "./stream.ts";

/** RFC 6455, 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MAX_ANSWER_BYTES = 16_384;
const END = "\r\n\r\n";
const TOO_LONG = `what answers has a head of more than ${MAX_ANSWER_BYTES} bytes: check port and path`;

/**
 * Asks the server behind `socket` for a WebSocket that speaks MQTT (RFC 6455, 4.1; MQTT 5, 6.0).
 * @throws {ConfigError} it has none there @throws {Error} the connection is closed meanwhile
 */
export async function upgrade(socket: Socket, endpoint: MqttEndpoint): Promise<WebSocketStream> {
  const key = randomBytes(16).toString("base64");
  const answer = answerOf(socket);
  socket.write(requestFor(endpoint, key));
  const { head, rest } = await answer;
  const fault = head === undefined ? TOO_LONG : faultIn(head, key);
  if (fault === undefined) return new WebSocketStream(socket, rest);
  throw new ConfigError("mqtt_no_websocket", `Cannot open a WebSocket at ${textOf(endpoint)}: ${fault}`, {
    path: "endpoint",
  });
}

function requestFor({ hostname, port, path }: MqttEndpoint, key: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: mqtt",
  ].join("\r\n") + END;
}

interface Answer {
  /** Undefined where it is too long. */
  readonly head: string | undefined;
  /** What came behind it. */
  readonly rest: Uint8Array;
}

/** The socket is left paused. */
function answerOf(socket: Socket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Uint8Array) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf(END);
      if (end < 0 && bytes.length < MAX_ANSWER_BYTES) return;
      socket.pause();
      socket.off("data", onData);
      const isTooLong = end < 0 || end > MAX_ANSWER_BYTES;
      resolve({
        head: isTooLong ? undefined : bytes.toString("latin1", 0, end),
        rest: bytes.subarray(end + END.length),
      });
    };
    socket.on("data", onData);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the broker closed the connection instead of opening a WebSocket")));
  });
}

/** Why the answer opens none, for a person; undefined where it does. */
function faultIn(head: string, key: string): string | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
  if (status === undefined) return "what answers is no web server: check the port, or use mqtt:// or mqtts://";
  if (status === "404") return "the broker answers 404: correct the path behind the port, such as /mqtt";
  if (status === "401" || status === "403") {
    return `the web server in front of the broker answers ${status}: it wants a login of its own`;
  }
  if (status !== "101") return `the web server answers ${status}: check port and path`;
  const accept = createHash("sha1").update(key + ACCEPT_SUFFIX).digest("base64");
  if (header(head, "sec-websocket-accept") !== accept) {
    return "the answer belongs to another request: check proxies on the way";
  }
  if (header(head, "sec-websocket-protocol") !== "mqtt") {
    return "the server does not say that it speaks MQTT: check port and path";
  }
  return undefined;
}

/** The value of the first field with this name, which is in lower case (RFC 9112, 5). */
function header(head: string, name: string): string | undefined {
  const lines = head.split("\r\n").map((line) => [line, line.indexOf(":")] as const);
  const [line, colon] = lines.find(([line, colon]) => line.slice(0, colon).toLowerCase() === name) ?? [];
  return line?.slice(colon! + 1).trim(); // both are there, or neither
}

function textOf({ scheme, hostname, port, path }: MqttEndpoint): string {
  return `${scheme}://${hostname}:${port}${path}`;
}
