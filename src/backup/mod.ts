/** A home directory as one sealed file, and back. */
export { backUp, type BackupOptions, type Progress } from "./backup.ts";
export { restore, type RestoreOptions } from "./restore.ts";
export type { Opening, Sealing } from "./sealing.ts";
