export { lanesOf, protocolLanes, wantedTables } from "./lanes.ts";
export { isWell, runSteps } from "./run_steps.ts";
export { workspaceScript } from "./statements.ts";
export type { Finding, Progress, Remedy, Step, StepResult, StepState } from "./step.ts";
export { ZerobusSteps } from "./zerobus_steps.ts";
export { hostSteps } from "./host_steps.ts";
export { secretStep } from "./secret_step.ts";
export { sourceSteps } from "./source_steps.ts";
export { ZerobusDoctor } from "./zerobus_doctor.ts";
