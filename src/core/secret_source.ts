/** Where secrets come from that stand in a store elsewhere, such as HashiCorp Vault. */
export interface SecretSource {
  /**
   * Begins to follow secrets by name, and gives what tells their value as it is known at the time. Resolves once all are
   * known, or some could not be had in a first try.
   */
  follow(names: readonly string[]): Promise<(name: string) => string>;

  /** As `follow`, once: nothing is asked for again, and no name is kept. For what is only looked at. */
  ask(names: readonly string[]): Promise<(name: string) => string>;
}
