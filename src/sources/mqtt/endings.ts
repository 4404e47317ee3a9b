import { ConfigError, type EdgeError } from "../../core/error.ts";

/** A session that ended sooner was not worth its name. */
const SHORT_MS = 30_000;
/** So many of them, one after another, are no accident. */
const MANY = 3;

/**
 * How the sessions of one source ended, one after another. Where two clients have one id, the broker gives the session to
 * the one that came last, and both come back again and again; brokers of MQTT 3.1.1, and mosquitto 2.0.11 with both
 * versions, only close the connection. So several short sessions that end without a word are told apart from a lost
 * connection, and no longer answered by connecting at once.
 */
export class Endings {
  #short = 0;

  /** What to say of a session that ended with `error` after `livedMs`. */
  judge(error: EdgeError, livedMs: number, clientId: string): EdgeError {
    const isShort = error.code === "mqtt_closed" && livedMs < SHORT_MS;
    this.#short = isShort ? this.#short + 1 : 0;
    if (this.#short < MANY) return error;
    const message =
      `${error.message}. That was ${this.#short} times in a row, each within ${SHORT_MS / 1000} s: most likely ` +
      `another client uses our client id ${clientId}, and the two throw each other out; give each its own client_id`;
    return new ConfigError("mqtt_taken_over", message, { path: "mqtt.client_id", cause: error });
  }
}
