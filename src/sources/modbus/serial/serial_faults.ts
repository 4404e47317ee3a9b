import type { Unsupported } from "../../../core/source.ts";
import type { ConnectionType } from "../endpoint.ts";
import type { ModbusSettings } from "../settings.ts";

/** What cannot be on a line, or over a gateway to one, of that kind. Paths begin at the entry in `sources[]`. */
export function serialFaults(settings: ModbusSettings, type: Exclude<ConnectionType, "tcp">): readonly Unsupported[] {
  const isOpenedHere = type === "rtu" || type === "ascii";
  return [...broadcasts(settings), ...(isOpenedHere ? formatFaults(settings, type) : [])];
}

/** Unit 0 is all of them at once, and none of them answers (Modbus over Serial Line V1.02, 2.1). */
function broadcasts({ slave_id, registers }: ModbusSettings): Unsupported[] {
  const message = "must be 1 to 255 on a serial line: 0 speaks to all units at once, and none answers";
  const listed = registers.flatMap((entry, index) =>
    entry.slave_id === 0 ? [{ path: ["modbus", "registers", index, "slave_id"], message }] : []
  );
  const isUsed = slave_id === 0 && registers.some((entry) => entry.slave_id === null);
  return isUsed ? [{ path: ["modbus", "slave_id"], message }, ...listed] : listed;
}

function formatFaults({ serial: { bytesize, stopbits } }: ModbusSettings, type: "rtu" | "ascii"): Unsupported[] {
  const faults: Unsupported[] = [];
  const fail = (key: string, message: string) => faults.push({ path: ["modbus", "serial", key], message });
  if (type === "rtu" && bytesize !== 8) fail("bytesize", "must be 8: RTU sends whole bytes");
  if (type === "ascii" && bytesize < 7) fail("bytesize", "must be 7 or 8: ASCII sends characters of 7 bits");
  if (stopbits === 1.5) fail("stopbits", "must be 1 or 2: lines have 1.5 only with characters of 5 bits");
  return faults;
}
