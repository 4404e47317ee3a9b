import { infoOf } from "./home_file.ts";
import type { Logger } from "./logger.ts";

const GROUP_OR_OTHERS_READ = 0o044;

export interface PrivateKeyFile {
  /** The setting that names it, for people. */
  readonly setting: string;
  /** Relative to the home directory. */
  readonly path: string;
}

/** Warns of a private key that others than its owner may read: who has it can pass for us. It is used all the same. */
export function warnOfOpenKey({ setting, path }: PrivateKeyFile, { home, log }: { home: string; log: Logger }): void {
  const { isFile = false, mode = null } = infoOf(`${home}/${path}`) ?? {};
  if (!isFile || ((mode ?? 0) & GROUP_OR_OTHERS_READ) === 0) return;
  log.log(
    "warn",
    `The private key of ${setting}, ${path}, may be read by other users, who could then pass for this connector: ` +
      `take the right from them with chmod go-rwx ${path}`,
    { code: "private_key_open" },
  );
}
