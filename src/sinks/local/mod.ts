export { CopyLane, type CopyOptions } from "./copy.ts";
export { LocalDatabase, type LocalDatabaseDeps } from "./database.ts";
