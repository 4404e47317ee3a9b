import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** The texts of a form's fields, by their names: also what a browser filled in before there was a script. */
export function filledIn(form: HTMLFormElement): Readonly<Record<string, string>> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

/** Whether the script is there. Before, a form must not be sent: its fields would stand in the address. */
export function useScripted(): boolean {
  const isScripted = useSignal(false);
  useEffect(() => void (isScripted.value = true), []);
  return isScripted.value;
}
