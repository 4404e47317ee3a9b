import assert from "node:assert/strict";
import { ApiError } from "./api.ts";
import { draftProblem } from "./draft.ts";

Deno.test("draftProblem() names what is wrong as the form has it, and no line of a file", () => {
  const errors = [{ path: "sources[3].endpoint", message: "must look like opc.tcp://" }];
  const detail = "config/connector_state.json:22:7 sources[3].endpoint: must look like opc.tcp://";
  const told = draftProblem(
    new ApiError({ status: 422, code: "config_invalid", title: "It is not valid", detail, errors }),
  );
  assert.deepEqual(told.errors, [{ path: "endpoint", message: "must look like opc.tcp://" }]);
  assert.doesNotMatch(JSON.stringify(told), /connector_state/);
  const other = draftProblem(new ApiError({ status: 502, code: "unreachable", title: "Away", detail: "The cable" }));
  assert.equal(other.detail, "The cable");
});
