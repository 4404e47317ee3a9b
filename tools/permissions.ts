/**
 * What the connector may do, written once. The tasks, the executable and the documents all take it from here. What is
 * not listed is refused: no process is started and no native library is loaded.
 *
 * Two things this list cannot say. Deno checks the path of a symbolic link and not where it leads, so whatever opens a
 * file by name in the home directory refuses links. And once connecting is open, listening cannot be narrowed:
 * `SocketBindDeny=` of systemd does that.
 */
import { NOTIFY_PATH, SERVICE_VARIABLES } from "../src/app/notify.ts";
import { RUNTIME_VARIABLES } from "../src/cli/environment.ts";
import { ENV_PREFIXES } from "../src/config/expand.ts";
import { LIBC_PATHS } from "../src/sources/modbus/serial/libc.ts";

/** The environment variables that a configuration may name; a `*` at the end stands for any end. */
export const VISIBLE_VARIABLES: readonly string[] = [...ENV_PREFIXES.map((prefix) => `${prefix}*`), "HOSTNAME"];

/** One permission of Deno, and why the connector has it. */
export interface Permission {
  readonly flag:
    | "deny-import"
    | "allow-net"
    | "deny-net"
    | "allow-read"
    | "allow-write"
    | "allow-env"
    | "ignore-env"
    | "allow-sys"
    | "deny-sys"
    | "allow-ffi";
  /** Absent: all of that kind. */
  readonly values?: readonly string[];
  readonly why: string;
}

/** Addresses at which clouds hand credentials to whoever asks from the machine itself. */
export const METADATA_ADDRESSES = [
  "169.254.169.254", // AWS, Azure, Google Cloud, Oracle Cloud
  "[fd00:ec2::254]", // AWS over IPv6
  "169.254.170.2", // AWS ECS
  "169.254.170.23", // AWS EKS
  "[fd00:ec2::23]", // AWS EKS over IPv6
  "168.63.129.16", // Azure host agent
  "100.100.100.200", // Alibaba Cloud
  // The same, as a network that speaks IPv6 alone reaches them: NAT64, RFC 6052.
  "[64:ff9b::a9fe:a9fe]",
  "[64:ff9b::a9fe:aa02]",
  "[64:ff9b::a9fe:aa17]",
  "[64:ff9b::a83f:8110]",
  "[64:ff9b::6464:64c8]",
] as const;

/**
 * The list for a home directory. `.` is the executable's: Deno takes it relative to the working directory at the time
 * the executable runs.
 * @throws {TypeError} when the path cannot be written in a permission list
 */
export function permissions(home: string): readonly Permission[] {
  if (home === "" || home.includes(",")) {
    throw new TypeError(`Cannot use "${home}" as the home directory: its path must not be empty or hold a comma`);
  }
  return [
    { flag: "allow-net", why: "Devices, brokers, proxies and the workspace are wherever the configuration says." },
    {
      flag: "deny-net",
      values: METADATA_ADDRESSES,
      why: "No endpoint is a cloud's metadata service. Deno also checks what a host name resolves to.",
    },
    {
      flag: "allow-read",
      values: [home, "/run/secrets", "/run/credentials", "/etc/machine-id"],
      why: "The home directory; where container engines and systemd mount secrets; and what tells a copied home.",
    },
    {
      flag: "allow-write",
      values: [home, NOTIFY_PATH],
      why: "The home directory; and the socket at which systemd is told how the connector is.",
    },
    {
      flag: "allow-env",
      values: [...VISIBLE_VARIABLES, ...SERVICE_VARIABLES, ...RUNTIME_VARIABLES],
      why:
        "What a configuration may name, the name of this host, what systemd tells its services, and what is taken out of the environment at the start.",
    },
    {
      flag: "ignore-env",
      why: "Libraries look for variables of their own, such as DEBUG: all others are not set, as far as they can see.",
    },
    {
      flag: "allow-sys",
      why:
        "The list of built-in certificate authorities, to which ca_bundle_path adds, has a permission that Deno asks for and cannot be granted by name.",
    },
    {
      flag: "deny-sys",
      values: [
        "osRelease",
        "osUptime",
        "loadavg",
        "networkInterfaces",
        "systemMemoryInfo",
        "gid",
        "cpus",
        "username",
        "getPriority",
        "setPriority",
      ],
      why:
        "What else the host could tell of itself. Left are its name, home directory and user id, for application certificates and file owners, and the free space of a disk.",
    },
  ];
}

/** What iot-connector-serial may do beside that. With a library's functions the other permissions can be passed by. */
const SERIAL: readonly Permission[] = [
  {
    flag: "allow-ffi",
    values: LIBC_PATHS,
    why: "Serial lines are opened, set up, read and sent to by functions of the C library.",
  },
];

export interface Edition {
  /** Whether it opens serial lines: iot-connector-serial. */
  readonly isSerial: boolean;
}

/**
 * The same as arguments of `deno run` and `deno compile`. A permission that is missing is never asked for. `--no-remote`:
 * Deno would otherwise import code from some well-known hosts, and `--deny-import` does not keep it from that (2.9.6).
 */
export function permissionFlags(home: string, { isSerial }: Edition = { isSerial: false }): string[] {
  const all = [...permissions(home), ...(isSerial ? SERIAL : [])];
  const listed = all.map(({ flag, values }) => `--${flag}${values ? `=${values}` : ""}`);
  return ["--no-prompt", "--no-remote", ...listed];
}
