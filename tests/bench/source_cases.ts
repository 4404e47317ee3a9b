/** Reading alone, ours and the protocol's client library as its manual shows it; see source_alone.ts. No workspace is needed. */
import { MESSAGES, startBacklog, WARM_UP } from "./mqtt_case.ts";
import { startModbusServer } from "./modbus_case.ts";
import { NODES, startOpcuaServer } from "./opcua_case.ts";
import { runScript } from "./sender_cases.ts";
import type { Measure } from "./spool_cases.ts";

type Whose = "ours" | "bare";

/** Messages of QoS 1 that a broker has kept, taken as fast as they come. */
export function mqttAlone(whose: Whose): Measure {
  return async (_workspace, name) => {
    await using broker = await startBacklog();
    return await runScript(name, "source_alone.ts", "mqtt", whose, ...[broker.port, MESSAGES, WARM_UP].map(String));
  };
}

/** 1,000 registers, again and again. */
export function modbusAlone(whose: Whose): Measure {
  return async (_workspace, name) => {
    await using server = await startModbusServer();
    return await runScript(name, "source_alone.ts", "modbus", whose, ...[server.port, 2_000_000, 200_000].map(String));
  };
}

/** 1,000 items that change ten times a second: the server sets the rate, and the CPU time is what differs. */
export function opcuaAlone(whose: Whose): Measure {
  return async (_workspace, name) => {
    const { port, peer } = await startOpcuaServer();
    await using _server = peer;
    return await runScript(name, "source_alone.ts", "opcua", whose, ...[port, NODES * 120, NODES * 20].map(String));
  };
}
