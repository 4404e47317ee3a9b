import { ConfigError, EdgeError, reasonOf } from "../core/error.ts";
import { textReader } from "./load.ts";

/** Text of the file with a key that a flag names. `path`: absolute. @throws {ConfigError} when it cannot be read */
export async function keyText(home: string, path: string): Promise<string> {
  try {
    return await textReader(home)(path);
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    const message = `Cannot read the key ${path}: ${
      reasonOf(error)
    }. Name a file in the home directory, which is ${home}`;
    throw new ConfigError("backup_key_unfit", message, { cause: error });
  }
}
