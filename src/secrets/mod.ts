export { SecretStores, type SecretStoresOptions } from "./secret_stores.ts";
