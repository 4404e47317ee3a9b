/** An MQTT 3.1.1 broker in this process, on aedes: for the demo, and for tests on machines without mosquitto. */
import { Buffer } from "node:buffer";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Aedes } from "aedes";
import type { KeyedCertificate } from "./certificates.ts";

export interface MqttBrokerOptions {
  /** Default: one that is free. */
  readonly port?: number;
  readonly tls?: KeyedCertificate;
  /** With credentials, nobody else is let in. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

export interface MqttBroker extends AsyncDisposable {
  readonly port: number;
  /** Publishes as the broker itself. Resolves when it has been handed to the subscribers. */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void>;
}

export interface PublishOptions {
  /** Default 1. */
  readonly qos?: 0 | 1 | 2;
  readonly isRetained?: boolean;
}

/** Starts a broker on 127.0.0.1. Disposing of it cuts every connection. */
export async function startMqttBroker(options: MqttBrokerOptions = {}): Promise<MqttBroker> {
  const broker = await Aedes.createBroker();
  const { credentials } = options;
  if (credentials) {
    broker.authenticate = (_client, username, password, done) =>
      done(null, username === credentials.username && password?.toString() === credentials.password);
  }
  const sockets = new Set<Socket>();
  const server = serverOf(options, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    broker.handle(socket);
  });
  const port = await listening(server, options.port ?? 0);
  return {
    port,
    publish: (topic, payload, { qos = 1, isRetained = false } = {}) =>
      new Promise((resolve, reject) => {
        const packet = {
          cmd: "publish",
          dup: false,
          topic,
          payload: Buffer.from(payload),
          qos,
          retain: isRetained,
        } as const;
        broker.publish(packet, (error) => error ? reject(error) : resolve());
      }),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

function serverOf({ tls }: MqttBrokerOptions, onSocket: (socket: Socket) => void): Server {
  if (!tls) return createTcpServer(onSocket);
  return createTlsServer({ cert: tls.certificate, key: tls.privateKey }, onSocket);
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has a port");
  return address.port;
}
