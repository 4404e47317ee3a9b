import { MODBUS } from "./generated/modbus_row.ts";
import { MQTT } from "./generated/mqtt_row.ts";
import { OPCUA } from "./generated/opcua_row.ts";
import type { BronzeMessage } from "./message.ts";

export * from "./decode_row.ts";
export * from "./encoder.ts";
export * from "./message.ts";
export { parseValue, TEXT_OF_TYPE, textOfValue } from "./parse_value.ts";
export { requiredFields, type RowFault } from "./required_fields.ts";
export { MODBUS, type ModbusRow } from "./generated/modbus_row.ts";
export { MQTT, type MqttRow } from "./generated/mqtt_row.ts";
export { OPCUA, type OpcuaRow } from "./generated/opcua_row.ts";

/** Every message of protos/, for readers of rows: who writes one knows which. */
export const MESSAGES: readonly BronzeMessage<never>[] = [OPCUA, MQTT, MODBUS];

/** The message of this name. @throws {RangeError} when protos/ has none */
export function messageNamed(name: string): BronzeMessage<never> {
  const message = MESSAGES.find((each) => each.name === name);
  if (!message) throw new RangeError(`there is no bronze message ${name}`);
  return message;
}
