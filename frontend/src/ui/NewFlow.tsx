/** A new draft: from a shipped pattern, or blank. */
import { useState } from "react";
import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, ask } from "@/lib/api/client";
import { sentenceOf } from "@/lib/api/http";
import type { Purpose } from "@/lib/api/types";
import { libraryQuery, purposesQuery } from "@/lib/api/work";
import { useOnce } from "@/lib/once";
import { queries } from "@/lib/queries";
import { count } from "@/lib/words";
import { Loaded } from "@/ui/States";
import classes from "@/ui/NewFlow.module.css";

const BLANK = "";

export function NewFlow({ onClose, begin = null }: { onClose: () => void; begin?: string | null }) {
  const navigate = useNavigate();
  const query = useQuery(libraryQuery);
  const [pattern, setPattern] = useState<string>(begin ?? BLANK);
  const [name, setName] = useState("");
  const purposes = useQuery(purposesQuery);
  const [purpose, setPurpose] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { run, busy } = useOnce(async () => {
    try {
      const draft = await ask(api.POST("/api/v1/drafts", { body: { name: name.trim(), from: pattern === BLANK ? { blank: true, purpose: purpose as Purpose | null } : { pattern } } }));
      void queries.invalidateQueries({ queryKey: ["draft-list"] });
      void queries.invalidateQueries({ queryKey: ["flows"] });
      await navigate({ to: "/drafts/$draft", params: { draft: draft.id } });
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  });
  const whole = name.trim() !== "" && (pattern !== BLANK || purpose !== null);
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
        <TextInput label="Name" required maxLength={200} data-autofocus value={name} error={problem} placeholder="Implant use to ERP inventory" onChange={(event) => { setName(event.currentTarget.value); }} />
        {pattern === BLANK ? (
          <Select label="Purpose" required description="What the flow is for decides which fields its sinks may receive." placeholder="Choose what it is for" data={(purposes.data ?? []).map(({ id, title }) => ({ value: id, label: title }))} value={purpose} error={asked && purpose === null ? "Say what the flow is for." : null} onChange={setPurpose} />
        ) : null}
        <fieldset className={classes.patterns}>
          <legend>Begin from</legend>
          <One value={BLANK} chosen={pattern} onChoose={setPattern} title="Blank" sentence="An empty canvas." />
          <Loaded query={query} what="The patterns" rows={3}>
            {(patterns) => (
              <>
                {patterns.map((each) => (
                  <One
                    key={each.id} value={each.id} chosen={pattern} onChoose={setPattern} disabled={!each.usable} title={each.name}
                    sentence={each.usable ? `${each.sentence} ${count(each.steps, "step")}, ${count(each.cases, "test case")}.` : `Needs ${each.lacks.join(", ")}.`}
                  />
                ))}
              </>
            )}
          </Loaded>
        </fieldset>
        <Button type="submit" loading={busy} disabled={!name.trim()}>
          Make the draft
        </Button>
      </form>
    </Modal>
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
