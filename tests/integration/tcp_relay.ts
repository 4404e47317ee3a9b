import net from "node:net";
import tls from "node:tls";
import { once } from "node:events";
import type { KeyedCertificate } from "../peers/certificates.ts";

/** A TCP relay between a client and a port of this host, which can cut its connections as a bad network does. */
export class TcpRelay implements AsyncDisposable {
  readonly port: number;
  readonly #server: net.Server;
  readonly #sockets: Set<net.Socket>;
  /** The destinations that CONNECT asked for, with the `proxy-authorization` of each. */
  readonly connects: readonly { destination: string; authorization: string | undefined }[];

  private constructor(server: net.Server, sockets: Set<net.Socket>, connects: TcpRelay["connects"]) {
    this.#server = server;
    this.#sockets = sockets;
    this.connects = connects;
    this.port = (server.address() as net.AddressInfo).port; // a TCP server's address is of this kind
  }

  /** Relays every connection to 127.0.0.1:`port`. */
  static to(port: number): Promise<TcpRelay> {
    return TcpRelay.#listen((client, sockets) => join(client, port, sockets));
  }

  /** Takes TLS for HTTP/2 and relays what is in it to 127.0.0.1:`port`. */
  static tls(port: number, { certificate, privateKey }: KeyedCertificate): Promise<TcpRelay> {
    const sockets = new Set<net.Socket>();
    const server = tls.createServer({ cert: certificate, key: privateKey, ALPNProtocols: ["h2"] }, (client) => {
      keep(client, sockets);
      join(client, port, sockets);
    });
    server.on("tlsClientError", () => {/* a client that does not trust us goes away */});
    return TcpRelay.#start(server, sockets, []);
  }

  /** An HTTP proxy for CONNECT alone (RFC 9110, 9.3.6), to ports of this host whatever the name. */
  static proxy(): Promise<TcpRelay> {
    const connects: { destination: string; authorization: string | undefined }[] = [];
    return TcpRelay.#listen((client, sockets) => {
      client.once("data", (head) => {
        const text = head.toString("latin1");
        const destination = text.match(/^CONNECT (\S+) /)?.[1];
        if (!destination) return client.end("HTTP/1.1 405 Method Not Allowed\r\n\r\n");
        connects.push({ destination, authorization: text.match(/^proxy-authorization: (.*)\r$/mi)?.[1] });
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        join(client, Number(destination.split(":").at(-1)), sockets);
      });
    }, connects);
  }

  /** Takes connections and never says a word. */
  static silent(): Promise<TcpRelay> {
    return TcpRelay.#listen(() => {});
  }

  static #listen(
    serve: (client: net.Socket, sockets: Set<net.Socket>) => void,
    connects: TcpRelay["connects"] = [],
  ): Promise<TcpRelay> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((client) => {
      keep(client, sockets);
      serve(client, sockets);
    });
    return TcpRelay.#start(server, sockets, connects);
  }

  static async #start(
    server: net.Server,
    sockets: Set<net.Socket>,
    connects: TcpRelay["connects"],
  ): Promise<TcpRelay> {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpRelay(server, sockets, connects);
  }

  /** Resets every connection (RST), without a farewell. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, "close");
  }
}

function keep(socket: net.Socket, sockets: Set<net.Socket>): void {
  sockets.add(socket);
  socket.on("error", () => socket.destroy()); // a cut connection is what relays are for
  socket.on("close", () => sockets.delete(socket));
}

function join(client: net.Socket, port: number, sockets: Set<net.Socket>): void {
  const far = net.connect(port, "127.0.0.1");
  keep(far, sockets);
  client.pipe(far).pipe(client);
  client.on("close", () => far.destroy());
  far.on("close", () => client.destroy());
}
