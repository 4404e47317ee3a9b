import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { draftOf, draftProblem } from "../../src/web/client/draft.ts";
import { type Loaded, problemIn } from "../../src/web/client/loaded.ts";
import { testDraft } from "../../src/web/client/looks.ts";
import type { Look } from "../../src/web/client/sources.ts";
import { View } from "../parts/problem.tsx";
import type { ToolProps } from "./tool.ts";
import { LookResult, TEST_SECONDS } from "./test_panel.tsx";

/** What helps to fill an empty list. */
const HINTS: Readonly<Record<string, string>> = {
  opcua: "Browse the server, and tick what to read.",
  mqtt: "Listen to topics shows what is published.",
  modbus: "Read registers now shows what the device answers.",
};

/** Asks the device with what the form says, and shows what it says as rows. */
export function DraftTest({ form, onFaults }: ToolProps): VNode {
  const loaded = useSignal<Loaded<Look>>({ state: "loading" });
  async function test(): Promise<void> {
    loaded.value = { state: "loading" };
    onFaults([]);
    try {
      const look = await testDraft(draftOf(form), TEST_SECONDS);
      const { error } = look;
      if (error?.path) onFaults([{ path: `sources[0].${error.path}`, message: error.message }]);
      loaded.value = { state: "ready", value: look };
    } catch (error) {
      onFaults(problemIn(error).errors ?? []);
      loaded.value = { state: "failed", problem: draftProblem(error) };
    }
  }
  useEffect(() => void test(), []);
  return (
    <>
      <View of={loaded.value} what={`what the device says within ${TEST_SECONDS} seconds`}>
        {(look) => <LookResult look={look} hint={HINTS[form.protocol] ?? ""} />}
      </View>
      <div class="actions">
        <button class="button" type="button" disabled={loaded.value.state === "loading"} onClick={test}>
          Test again
        </button>
      </div>
    </>
  );
}
