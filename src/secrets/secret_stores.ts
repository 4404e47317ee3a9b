import type { Config } from "../config/mod.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigError, reasonOf } from "../core/error.ts";
import type { ProxySettings } from "../sinks/zerobus/proxy.ts";
import { AwsProvider } from "./aws.ts";
import { AzureProvider } from "./azure.ts";
import type { ProviderDeps, SecretProvider } from "./provider.ts";
import { SecretStore } from "./secret_store.ts";
import { StoreHttp } from "./store_http.ts";
import { VaultProvider } from "./vault.ts";

const TICK_MS = 5_000;
/** Of configurations that were loaded before: what still names one uses it on. */
const MAX_STORES = 4;

type Settings = Config["security"]["secrets"];

export interface SecretStoresOptions {
  /** Absolute path of the home directory. */
  readonly home: string;
  readonly clock: Clock;
  /** @throws when the file cannot be read */
  readTextFile(path: string): Promise<string>;
  /** Told what changes, never a value. */
  tell(level: "info" | "warn", message: string, code: string): void;
}

interface Kept extends Disposable {
  /** What it was made by. */
  readonly mark: string;
  readonly store: SecretStore;
}

/** The stores of a process, each made when a configuration first names it. */
export class SecretStores implements Disposable {
  readonly #options: SecretStoresOptions;
  readonly #ending = new AbortController();
  #kept: readonly Kept[] = [];
  #watch: Disposable | undefined;

  constructor(options: SecretStoresOptions) {
    this.#options = options;
  }

  /** Of the newest configuration that has one. */
  get current(): SecretStore | undefined {
    return this.#kept.at(-1)?.store;
  }

  /** From now on secrets are read anew, renewed and tried again. */
  watch(): void {
    this.#watch ??= this.#options.clock.every(TICK_MS, async () => {
      for (const { store } of this.#kept) {
        await store.tick(this.#ending.signal).catch((error) => {
          if (!this.#ending.signal.aborted) throw error;
        });
      }
    });
  }

  /** @throws {ConfigError} when the authority's file cannot be used */
  readonly storeOf = async ({ security }: Config): Promise<SecretStore> => {
    const mark = JSON.stringify([security.secrets, security.ca_bundle_path, security.network.proxy]);
    const known = this.#kept.find((each) => each.mark === mark);
    const kept = known ?? await this.#make(security, mark);
    const others = this.#kept.filter((each) => each !== kept);
    for (const old of others.slice(0, Math.max(0, others.length - MAX_STORES + 1))) old[Symbol.dispose]();
    this.#kept = [...others.slice(-(MAX_STORES - 1)), kept];
    return kept.store;
  };

  [Symbol.dispose](): void {
    this.#ending.abort();
    this.#watch?.[Symbol.dispose]();
    for (const kept of this.#kept) kept[Symbol.dispose]();
    this.#kept = [];
  }

  async #make({ secrets, ca_bundle_path, network }: Config["security"], mark: string): Promise<Kept> {
    const { clock, tell } = this.#options;
    const roots = await this.#rootsAt(
      secrets.provider === "vault" ? secrets.vault.ca_path ?? ca_bundle_path : ca_bundle_path,
    );
    const http = new StoreHttp({ roots, proxy: proxyIn(network) });
    const monotonicMs = () => clock.monotonicMs();
    const provider = providerOf(secrets, {
      http,
      monotonicMs,
      nowMs: () => clock.nowUs() / 1000,
      readSecretFile: (path) => this.#textAt(path),
    });
    const store = new SecretStore({ provider, refreshMs: secrets.refresh_seconds * 1000, monotonicMs, tell });
    return {
      mark,
      store,
      [Symbol.dispose]() {
        store[Symbol.dispose]();
        http[Symbol.dispose]();
      },
    };
  }

  async #rootsAt(path: string | null): Promise<string | undefined> {
    return path === null ? undefined : await this.#textAt(path);
  }

  async #textAt(path: string): Promise<string> {
    try {
      const text = await this.#options.readTextFile(path.startsWith("/") ? path : `${this.#options.home}/${path}`);
      return text.replace(/\r?\n$/, "");
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError("secret_file_unreadable", `Cannot read ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** The configuration was checked: what a provider needs is there. */
function providerOf({ provider, vault, azure, aws }: Settings, deps: ProviderDeps): SecretProvider {
  switch (provider) {
    case "vault":
      return new VaultProvider({ ...vault, address: vault.address ?? "" }, deps);
    case "azure_keyvault": {
      const { vault_url, tenant_id, client_id } = azure;
      const known = { vault_url: vault_url ?? "", tenant_id: tenant_id ?? "", client_id: client_id ?? "" };
      return new AzureProvider({ ...azure, ...known }, deps);
    }
    case "aws_secrets_manager":
      return new AwsProvider({ ...aws, region: aws.region ?? "" }, deps);
    case "env":
    case "file":
      throw new ConfigError("secret_no_store", "security.secrets.provider names no store");
    default:
      return provider satisfies never;
  }
}

function proxyIn({ proxy }: Config["security"]["network"]): ProxySettings | undefined {
  const url = proxy.https_proxy ?? proxy.http_proxy;
  return proxy.enabled && url !== null ? { url, noProxy: proxy.no_proxy } : undefined;
}
