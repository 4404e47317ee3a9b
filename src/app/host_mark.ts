import { createHash } from "node:crypto";

/** Random, made when the system was installed, and the same for its life: machine-id(5). */
const MACHINE_ID = "/etc/machine-id";

/**
 * Tells this host from others, and nothing else about it: a hash of its machine id, which shall not be shown (machine-id(5)).
 * Undefined where it has none, as in a container.
 */
export function hostMark(): string | undefined {
  try {
    const id = Deno.readTextFileSync(MACHINE_ID).trim();
    return id === "" ? undefined : createHash("sha256").update(`iot-connector ${id}`).digest("hex").slice(0, 16);
  } catch {
    return undefined; // none, or not to be read: then a copy of the home is not noticed here
  }
}
