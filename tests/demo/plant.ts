/** A small plant that does not exist: a press with an OPC UA server, a hall with MQTT sensors, a Modbus meter. */
import { type ModbusServer, startModbusServer } from "../peers/modbus_server.ts";
import { type MqttBroker, startMqttBroker } from "../peers/mqtt_broker.ts";
import { type OpcuaServer, startOpcuaServer } from "../peers/opcua_server.ts";

const STEP_MS = 250;

export interface Plant extends AsyncDisposable {
  readonly opcua: OpcuaServer;
  readonly broker: MqttBroker;
  readonly meter: ModbusServer;
}

/** Starts the devices; their values change four times a second until it is disposed of. */
export async function startPlant(): Promise<Plant> {
  await using opened = new AsyncDisposableStack();
  const opcua = opened.use(await startOpcuaServer({ nodes: 3, intervalMs: STEP_MS }));
  const broker = opened.use(await startMqttBroker());
  const meter = opened.use(startModbusServer());
  let step = 0;
  const timer = setInterval(() => {
    step++;
    void broker.publish("hall/temperature", JSON.stringify({ v: wave(step, 21, 2), u: "degC" }));
    void broker.publish("hall/humidity", JSON.stringify({ v: wave(step, 45, 8), u: "%" }));
    meter.setRegister("holding", 0, ...float32(wave(step, 230, 3)), ...float32(wave(step, 12.5, 4)));
  }, STEP_MS);
  opened.defer(() => clearInterval(timer));
  const stack = opened.move();
  return { opcua, broker, meter, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function wave(step: number, middle: number, swing: number): number {
  return Math.round((middle + swing * Math.sin(step / 20)) * 100) / 100;
}

/** Two registers, high word first. */
function float32(value: number): [number, number] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}
