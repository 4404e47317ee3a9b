export * from "./clock.ts";
export * from "./error.ts";
export * from "./event.ts";
export * from "./lane.ts";
export * from "./logger.ts";
export * from "./reading.ts";
export * from "./sink.ts";
export * from "./source.ts";
