import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Problem } from "../../src/web/client/api.ts";
import { draftOf, draftProblem, entriesOf, withEntries } from "../../src/web/client/draft.ts";
import type { JsonObject } from "../../src/web/client/form_model.ts";
import { isObject } from "../../src/web/client/form_value.ts";
import { number } from "../../src/web/client/format.ts";
import { problemIn } from "../../src/web/client/loaded.ts";
import { type HeardMessage, listen } from "../../src/web/client/looks.ts";
import { ChoiceField, TextField } from "../parts/field.tsx";
import { Paged } from "../parts/paged.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { HeardRow } from "./heard_row.tsx";
import { onEnter, type ToolProps } from "./tool.ts";

const TIMES = ["10", "30", "120"].map((seconds) => [seconds, `${seconds} s`] as const);
/** Messages that are asked for at a time. */
const MOST = 500;
const PER_PAGE = 25;

/** In the order in which they came. */
type Numbered = HeardMessage & { readonly n: number };

/** Messages as they come, beside what the form makes of them. */
export function ListenPanel({ form, onChange, onFaults }: ToolProps): VNode {
  const filter = useSignal(firstTopic(form));
  const seconds = useSignal("30");
  const heard = useSignal<readonly Numbered[]>([]);
  const endpoint = useSignal<string | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const running = useSignal<AbortController | undefined>(undefined);
  const last = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => last.current?.abort(), []);
  async function start(): Promise<void> {
    running.value?.abort();
    const ending = running.value = last.current = new AbortController();
    [heard.value, endpoint.value, problem.value] = [[], undefined, undefined];
    onFaults([]);
    const wanted = { source: draftOf(form), filter: filter.value, seconds: Number(seconds.value), messages: MOST };
    try {
      for await (const all of listen(wanted, ending.signal)) {
        for (const each of all) {
          if (each.kind === "connected") endpoint.value = each.endpoint;
          else if (each.kind === "end" && each.error) tell(each.error);
        }
        const first = heard.value.length;
        const messages = all.filter((each) => each.kind === "message").map((each, n) => ({ ...each, n: first + n }));
        if (messages.length > 0) heard.value = [...messages.toReversed(), ...heard.value];
      }
    } catch (error) {
      problem.value = draftProblem(error);
      onFaults(problemIn(error).errors ?? []);
    }
    if (running.value === ending) running.value = undefined;
  }
  function tell({ code, message, path }: { code: string; message: string; path: string | null }): void {
    problem.value = { status: 0, code, title: message };
    if (path !== null) onFaults([{ path: `sources[0].${path}`, message }]);
  }
  const entries = entriesOf(form);
  const isListed = (topic: string) => entries.some((each) => isObject(each) && each.topic === topic);
  function use({ topic, decoded }: HeardMessage): void {
    const entry: JsonObject = decoded === null ? { topic } : { topic, payload: { format: "sparkplug_b" } };
    onChange(withEntries(form, [...entries, entry]));
  }
  const missed = heard.value.reduce((sum, each) => sum + each.missed, 0);
  return (
    <>
      <div class="filters" onKeyDown={onEnter(start)}>
        <div class="grow">
          <TextField
            label="Topic filter"
            value={filter.value}
            help="+ stands for one level, # for the rest."
            onInput={(text) => filter.value = text}
          />
        </div>
        <ChoiceField label="For" value={seconds.value} options={TIMES} onChange={(now) => seconds.value = now} />
        {running.value
          ? <button class="button" type="button" onClick={() => running.value?.abort()}>Stop</button>
          : <button class="button" type="button" disabled={filter.value === ""} onClick={start}>Listen</button>}
      </div>
      {problem.value ? <ProblemNote problem={problem.value} /> : null}
      <p class="small" role="status">
        {running.value
          ? (
            <State level="busy">
              {endpoint.value === undefined
                ? "Connecting…"
                : `Listening at ${endpoint.value}: ${number(heard.value.length)} messages`}
            </State>
          )
          : heard.value.length >= MOST
          ? `It ended after ${
            number(MOST)
          } messages, the most that are shown. A narrower filter shows what is seldom published.`
          : heard.value.length > 0
          ? `${number(heard.value.length)} messages heard`
          : problem.value
          ? null
          : endpoint.value === undefined
          ? <span class="soft">The broker forgets this session when it ends; the one that reads goes on.</span>
          : "Nothing came in this time. Topics that are seldom published may need longer."}
        {missed > 0 ? <span class="soft">{`, and ${number(missed)} that came too fast to be shown`}</span> : null}
      </p>
      {heard.value.length > 0
        ? (
          <Paged items={heard.value} size={PER_PAGE} what="messages">
            {(shown) => (
              <div class="panel-list">
                {shown.map((message) => (
                  <HeardRow
                    key={message.n}
                    message={message}
                    isListed={isListed(message.topic)}
                    onUse={() => use(message)}
                  />
                ))}
              </div>
            )}
          </Paged>
        )
        : null}
    </>
  );
}

function firstTopic(form: ToolProps["form"]): string {
  const [first] = entriesOf(form);
  return isObject(first) && typeof first.topic === "string" && first.topic !== "" ? first.topic : "#";
}
