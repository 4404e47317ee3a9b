/** A home directory as one sealed file, and back. */
export { backUp, type BackupOptions, type Progress } from "./backup.ts";
export { restore, type RestoreOptions } from "./restore.ts";
export { isKeyHead, type KeyHead, newKey, oldKey, type Opening, type Sealing } from "./sealing.ts";
