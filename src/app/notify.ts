import { reasonOf } from "../core/error.ts";
import { infoOf, linkFree, makeDirectory } from "../core/home_file.ts";

/** What systemd tells a service by: sd_notify(3), sd_watchdog_enabled(3), and systemd.exec(5) for credentials. */
export const SERVICE_VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY"] as const;

/** Where systemd listens for its services. */
export const NOTIFY_PATH = "/run/systemd/notify";

/** Our end: the runtime sends from a named socket alone. Seen from the home directory. */
const OWN_END = "run/notify.sock";

/** Tells the service manager something. Never throws: a manager that does not listen must stop no data. */
export interface Notifier extends Disposable {
  /** `assignments`: lines of `NAME=value`, as sd_notify(3) has them. */
  send(...assignments: readonly string[]): Promise<void>;
}

export interface NotifyPlace {
  /** Absolute path of the home directory. */
  readonly home: string;
  /** `NOTIFY_SOCKET`; undefined where no manager listens. */
  readonly socket: string | undefined;
  /** Is told once when the manager cannot be reached. */
  readonly warn: (message: string) => void;
}

interface Ends extends Pick<NotifyPlace, "warn"> {
  /** Path of ours. */
  readonly own: string;
  readonly socket: string;
}

/** Opens the way to the service manager that started this process. Undefined where none did, or it cannot be reached. */
export function openNotifier({ home, socket, warn }: NotifyPlace): Notifier | undefined {
  if (socket === undefined || socket === "") return undefined;
  const own = `${home}/${OWN_END}`;
  try {
    makeDirectory(home, `${home}/run`);
    if (infoOf(linkFree(home, own))) Deno.removeSync(own); // of a process that was killed
    return new SocketNotifier(Deno.listenDatagram({ transport: "unixpacket", path: own }), { own, socket, warn });
  } catch (error) {
    warn(failure(socket, error));
    return undefined;
  }
}

class SocketNotifier implements Notifier {
  readonly #connection: Deno.DatagramConn;
  readonly #place: Ends;
  #hasFailed = false;

  constructor(connection: Deno.DatagramConn, place: Ends) {
    this.#connection = connection;
    this.#place = place;
  }

  async send(...assignments: readonly string[]): Promise<void> {
    const { socket: path, warn } = this.#place;
    try {
      const bytes = new TextEncoder().encode(`${assignments.join("\n")}\n`);
      await this.#connection.send(bytes, { transport: "unixpacket", path });
    } catch (error) {
      if (!this.#hasFailed) warn(failure(path, error));
      this.#hasFailed = true;
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
    if (infoOf(this.#place.own)) Deno.removeSync(this.#place.own);
  }
}

function failure(socket: string, error: unknown): string {
  return `Cannot tell the service manager how the connector is, at ${socket}: ${reasonOf(error)}. ` +
    `It must listen at ${NOTIFY_PATH} or in the home directory; where it waits to be told, take Type=notify and ` +
    "WatchdogSec= out of the unit";
}
