export { type ConnectionOptions, ServerConnection, type Transport } from "./connection.ts";
export { ServerStream, type StreamEvents } from "./stream.ts";
