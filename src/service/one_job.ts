import { ConfigError } from "../core/error.ts";

/** Lets one long piece of work be done at a time; who comes meanwhile is sent away, for it may take hours. */
export class OneJob {
  #what: string | undefined;

  /** `what`: in words that follow "A". Over when it is disposed. @throws {ConfigError} `busy` while another is under way */
  begin(what: string): Disposable {
    if (this.#what) throw new ConfigError("busy", `A ${this.#what} is under way: wait for its end, and try again`);
    this.#what = what;
    return { [Symbol.dispose]: () => void (this.#what = undefined) };
  }
}
