import assert from "node:assert/strict";
import { loadText } from "../../tests/fakes/config_file.ts";
import { encodeRow, MQTT } from "../bronze/mod.ts";
import { rowFaultOf } from "./row_fault.ts";

const SPEC = { message: MQTT.name };

async function configWith(validation: string) {
  return (await loadText(`processing: { validation: { ${validation} } }\n`)).config;
}

Deno.test("rowFaultOf() looks at the columns that the configuration names", async () => {
  const fault = rowFaultOf(SPEC, await configWith("required_fields: [event_time, unit]"));
  assert.equal(fault?.(encodeRow(MQTT, { unit: "degC" })), undefined);
  assert.equal(fault?.(encodeRow(MQTT, { unit: "" }))?.code, "required_field_missing");
});

Deno.test("rowFaultOf() costs nothing per row with the default, and where validation is off", async () => {
  assert.equal(rowFaultOf(SPEC, await configWith("enabled: true")), undefined);
  assert.equal(rowFaultOf(SPEC, await configWith("enabled: false, required_fields: [unit]")), undefined);
});
