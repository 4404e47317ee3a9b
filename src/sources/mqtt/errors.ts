import { AuthError, ConfigError, ConnectionError, type EdgeError } from "../../core/error.ts";

/** Reason codes of CONNACK in MQTT 3.1.1 (3.2.2.3), as those of MQTT 5 that mean the same. */
const FROM_3_1_1: Readonly<Record<number, number>> = { 1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87 };

/** What to look at when nothing is known. */
export const CHECK = "check address, port and firewall, and that the broker runs";

/** The broker answered CONNECT with a reason code (MQTT 5, 3.2.2.2) that is not success. */
export function refusedConnection(code: number, endpoint: string, text: string): EdgeError {
  const cannot = `Cannot log in to ${endpoint}:`;
  switch (FROM_3_1_1[code] ?? code) {
    case 0x86:
      return new AuthError(
        "mqtt_login_refused",
        `${cannot} the broker refuses user name or password: check username and password`,
      );
    case 0x87:
    case 0x8a:
      return new AuthError(
        "mqtt_not_authorized",
        `${cannot} the broker does not let this client in: check username and password, and the broker's access rules`,
      );
    case 0x8c:
      return new AuthError(
        "mqtt_login_method",
        `${cannot} the broker wants another way to log in than user and password`,
      );
    case 0x84:
      return new ConfigError(
        "mqtt_version_refused",
        `${cannot} the broker does not speak this version of MQTT: set protocol_version to the other one, 4 or 5`,
        { path: "mqtt.protocol_version" },
      );
    case 0x85:
      return new ConfigError("mqtt_client_id_refused", `${cannot} the broker refuses our client id: set client_id`, {
        path: "mqtt.client_id",
      });
    case 0x9c:
    case 0x9d:
      return new ConfigError("mqtt_server_moved", `${cannot} the broker says to use another one: change endpoint`, {
        path: "endpoint",
      });
    default:
      return new ConnectionError("mqtt_refused", `${cannot} ${text} (reason code 0x${code.toString(16)})`);
  }
}

/** The broker ended a session and said why (MQTT 5, 3.14.2.1). */
export function endedByBroker(code: number, endpoint: string, clientId: string): EdgeError {
  if (code === 0x8e) {
    // Nothing to try at once: the two clients would throw each other out as fast as they can.
    return new ConfigError(
      "mqtt_taken_over",
      `Lost the session with ${endpoint}: another client uses our client id ${clientId}; give each its own client_id`,
      { path: "mqtt.client_id" },
    );
  }
  return new ConnectionError(
    "mqtt_session_lost",
    `Lost the session with ${endpoint}: the broker ended it with reason code 0x${code.toString(16)}`,
  );
}

/** The connection is gone and nobody said why, as mosquitto does when it gives the session to another client. */
export function endedSilently(endpoint: string, clientId: string): ConnectionError {
  const advice = `if that repeats, see whether another client uses our client id ${clientId}, and the broker's log`;
  return new ConnectionError("mqtt_closed", `Lost the session with ${endpoint}: the connection was closed; ${advice}`);
}

/** The broker, or what lies between, does not answer any more although the connection stands. */
export function endedWithoutPong(endpoint: string, keepaliveSeconds: number): ConnectionError {
  return new ConnectionError(
    "mqtt_no_pong",
    `Lost the session with ${endpoint}: the broker answered no PINGREQ within the keep-alive of ${keepaliveSeconds} s; ` +
      "check that it works, and what lies between it and us",
  );
}

/** The broker took the connection and closed it instead of answering CONNECT. */
export function closedBeforeLogin(endpoint: string, cause?: unknown): ConnectionError {
  return new ConnectionError(
    "mqtt_closed_before_login",
    `Cannot log in to ${endpoint}: the broker closed the connection without an answer; check that the port speaks MQTT ` +
      "as the endpoint says (plain, TLS or WebSocket), whether another client uses our client id, and the broker's log",
    { cause },
  );
}

/** The broker did not take the connection, or did not answer CONNECT, `when`: "within 15 s". */
export function noAnswer(endpoint: string, when: string): ConnectionError {
  return new ConnectionError(
    "mqtt_no_answer",
    `Cannot connect to ${endpoint}: the broker did not answer ${when}; ${CHECK}`,
  );
}
