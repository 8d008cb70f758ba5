/** The test cases of the flow, each with its last result. */
import { useState } from "react";
import { Menu, ActionIcon } from "@mantine/core";
import { MoreHorizontal } from "lucide-react";
import { count } from "@/lib/words";
import { useMay } from "@/lib/session";
import { Mark } from "@/ui/Mark";
import { Loaded } from "@/ui/States";
import { failed } from "@/ui/toasts";
import { AcceptCase, RenameCase } from "@/features/testbench/CaseDialogs";
import { removeCase, type Case, type Results } from "@/features/testbench/api";
import classes from "@/features/testbench/TestBench.module.css";

interface CasesProps {
  draft: string;
  query: { data: readonly Case[] | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  results: Results | null;
  current: string | null;
  onRun: (each: Case) => void;
}

export function Cases({ draft, query, results, current, onRun }: CasesProps) {
  const may = useMay("test-case.edit");
  const [asked, setAsked] = useState<{ what: "accept" | "rename"; each: Case } | null>(null);
  const close = () => { setAsked(null); };
  return (
    <section className={classes.column} aria-label="Test cases">
      <h2>Test cases</h2>
      {results ? (
        <p className={classes.small} role="status">
          {results.passed} passed, {results.failed} failed in {results.ms} ms.{results.missed.length > 0 ? ` No case gets to ${results.missed.join(", ")}.` : " Together they get to every step."}
        </p>
      ) : null}
      <Loaded query={query} what="The test cases" rows={3}>
        {(cases) =>
          cases.length === 0 ? (
            <p className={classes.small}>None yet. Run a sample and save it.</p>
          ) : (
            <ul className={classes.list}>
              {cases.map((each) => (
                <li key={each.id} className="row">
                  <button type="button" className={classes.pick} aria-pressed={each.id === current} onClick={() => { onRun(each); }}>
                    <span>{each.title}{each.passed === false ? <span className={classes.under}>{count(each.sentences.length, "difference")}, open it to compare</span> : null}</span>
                    {each.passed === null ? <Mark tone="none">Not run</Mark> : each.passed ? <Mark tone="ok">Passed</Mark> : <Mark tone="bad">Failed</Mark>}
                  </button>
                  {may ? (
                    <Menu>
                      <Menu.Target><ActionIcon variant="subtle" size={24} aria-label={`More for ${each.title}`}><MoreHorizontal size={14} /></ActionIcon></Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item onClick={() => { setAsked({ what: "accept", each }); }}>Accept what it comes to now…</Menu.Item>
                        <Menu.Item onClick={() => { setAsked({ what: "rename", each }); }}>Rename…</Menu.Item>
                        <Menu.Item onClick={() => { removeCase(draft, each.id).catch(failed); }}>Remove</Menu.Item>
                      </Menu.Dropdown>
                    </Menu>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {asked?.what === "accept" ? <AcceptCase draft={draft} each={asked.each} onClose={close} /> : null}
      {asked?.what === "rename" ? <RenameCase draft={draft} each={asked.each} onClose={close} /> : null}
    </section>
  );
}
