/** A new draft: blank, from a shipped pattern, or the next version of a live flow. */
import { useState } from "react";
import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, ask } from "@/lib/api/client";
import { sentenceOf } from "@/lib/api/http";
import type { FlowCard, Purpose } from "@/lib/api/types";
import { flowsQuery, libraryQuery, purposesQuery } from "@/lib/api/work";
import { useOnce } from "@/lib/once";
import { queries } from "@/lib/queries";
import { count } from "@/lib/words";
import { Loaded } from "@/ui/States";
import classes from "@/ui/NewFlow.module.css";

const BLANK = "";
/** Marks the choice of a live flow; no pattern has a name with a colon. */
const LIVE = "live:";

export function NewFlow({ onClose, begin = null }: { onClose: () => void; begin?: string | null }) {
  const navigate = useNavigate();
  const query = useQuery(libraryQuery);
  const live = (useQuery(flowsQuery).data ?? []).filter((each) => each.live !== null);
  const [pattern, setPattern] = useState<string>(begin ?? BLANK);
  const [name, setName] = useState("");
  const purposes = useQuery(purposesQuery);
  const [purpose, setPurpose] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const chosen = live.find((each) => pattern === LIVE + each.id);
  const wish = chosen ? { name: chosen.name, from: { flow: chosen.id } } : { name: name.trim(), from: pattern === BLANK ? { blank: true as const, purpose: purpose as Purpose | null } : { pattern } };
  const { run, busy } = useOnce(async () => {
    try {
      const draft = await ask(api.POST("/api/v1/drafts", { body: wish }));
      void queries.invalidateQueries({ queryKey: ["draft-list"] });
      void queries.invalidateQueries({ queryKey: ["flows"] });
      await navigate({ to: "/drafts/$draft", params: { draft: draft.id } });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const whole = chosen !== undefined || (name.trim() !== "" && (pattern !== BLANK || purpose !== null));
  const lacking = query.data?.filter((each) => !each.usable) ?? [];
  const told = purposes.data?.find((each) => each.id === purpose);
  return (
    <Modal opened onClose={onClose} title="New flow" size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (whole) void run();
          else setAsked(true);
        }}
      >
        {chosen ? (
          <p>The draft is the next version of “{chosen.name}”: it keeps its name, its purpose and where it listens. What runs stays as it is until the draft is approved and activated.</p>
        ) : <TextInput label="Name" required maxLength={200} data-autofocus value={name} error={problem} placeholder="Implant use to ERP inventory" onChange={(event) => { setName(event.currentTarget.value); }} />}
        {chosen && problem ? <p className={classes.problem} role="alert">{problem}</p> : null}
        {pattern === BLANK ? (
          <Select
            label="Purpose" required placeholder="Choose what it is for" description={told ? told.sentence : "What the flow is for decides which fields its sinks may receive."}
            data={(purposes.data ?? []).map(({ id, title }) => ({ value: id, label: title }))} value={purpose} error={asked && purpose === null ? "Say what the flow is for." : null} onChange={setPurpose}
            renderOption={({ option }) => <PurposeOption title={option.label} sentence={purposes.data?.find((each) => each.id === option.value)?.sentence ?? ""} />}
          />
        ) : null}
        <fieldset className={classes.patterns}>
          <legend>Begin from</legend>
          <One value={BLANK} chosen={pattern} onChoose={setPattern} title="Blank" sentence="An empty canvas." />
          <Loaded query={query} what="The patterns" rows={3}>
            {(patterns) => patterns.filter((each) => each.usable).map((each) => (
              <One key={each.id} value={each.id} chosen={pattern} onChoose={setPattern} title={each.name} sentence={`${each.sentence} ${count(each.steps, "step")}, ${count(each.cases, "test case")}.`} />
            ))}
          </Loaded>
          {live.length > 0 ? <p className={classes.head}>The next version of a live flow</p> : null}
          {live.map((each) => (
            <One key={each.id} value={LIVE + each.id} chosen={pattern} onChoose={setPattern} disabled={each.draft !== null} title={each.name} sentence={liveWords(each)} />
          ))}
          {lacking.length > 0 ? <p className={classes.head}>Not here yet: an administrator adds what they need to the environment</p> : null}
          {lacking.map((each) => <One key={each.id} value={each.id} chosen={pattern} onChoose={setPattern} disabled title={each.name} sentence={`Needs ${each.lacks.join(", ")}.`} />)}
        </fieldset>
        <div className={classes.foot}>
          <Button type="submit" fullWidth loading={busy} disabled={!chosen && !name.trim()}>
            Make the draft
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function liveWords(flow: FlowCard): string {
  if (flow.draft !== null) return "Its next version is being drawn already: go on with that draft.";
  const version = flow.live ? `version ${String(flow.live.sequence)}` : "the version";
  return flow.state === "stopped" ? `Begins from ${version}, which is activated and stopped.` : `Begins from ${version}, which is live.`;
}

function PurposeOption({ title, sentence }: { title: string; sentence: string }) {
  return (
    <span>
      <span className={classes.name}>{title}</span>
      <span className={classes.sentence}>{sentence}</span>
    </span>
  );
}

interface OneProps {
  value: string;
  chosen: string;
  onChoose: (value: string) => void;
  title: string;
  sentence: string;
  disabled?: boolean;
}

function One({ value, chosen, onChoose, title, sentence, disabled = false }: OneProps) {
  return (
    <label className={classes.pattern} htmlFor={`pattern-${value}`} data-chosen={value === chosen || undefined} data-disabled={disabled || undefined}>
      <input id={`pattern-${value}`} type="radio" name="pattern" value={value} checked={value === chosen} disabled={disabled} onChange={() => { onChoose(value); }} />
      <span className={classes.name}>{title}</span>
      <span className={classes.sentence}>{sentence}</span>
    </label>
  );
}
