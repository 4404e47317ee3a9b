export * from "./encoder.ts";
export * from "./message.ts";
export { MODBUS, type ModbusRow } from "./generated/modbus_row.ts";
export { MQTT, type MqttRow } from "./generated/mqtt_row.ts";
export { OPCUA, type OpcuaRow } from "./generated/opcua_row.ts";
