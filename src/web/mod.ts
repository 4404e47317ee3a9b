export type { HealthAnswer, HealthStatus, HealthView } from "./health_answer.ts";
export { healthApp } from "./health_app.ts";
export { listen, type Listener, type ListenOptions } from "./listen.ts";
export { ownHostOnly } from "./own_host.ts";
export { metricsApp, type MetricsView } from "./metrics_app.ts";
export { type Fetch, isLoopback, LOCAL_PEER, type Peer } from "./peer.ts";
export { type PageTools, webApp, type WebAppOptions } from "./web_app.ts";
export { openApiDocument } from "./api/api.ts";
export { problemResponse } from "./problem.ts";
