/** The test cases of the flow, each with its last result. */
import { Menu, ActionIcon } from "@mantine/core";
import { MoreHorizontal } from "lucide-react";
import { useMay } from "@/lib/session";
import { Mark } from "@/ui/Mark";
import { Loaded } from "@/ui/States";
import { failed, toast } from "@/ui/toasts";
import { acceptCase, removeCase, type Case, type Results } from "@/features/testbench/api";
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
                  <button type="button" className={classes.pick} aria-pressed={each.id === current} title={each.sentences.join(" ")} onClick={() => { onRun(each); }}>
                    <span>{each.title}</span>
                    {each.passed === null ? <Mark tone="none">Not run</Mark> : each.passed ? <Mark tone="ok">Passed</Mark> : <Mark tone="bad">Failed</Mark>}
                  </button>
                  {may ? (
                    <Menu>
                      <Menu.Target><ActionIcon variant="subtle" size={24} aria-label={`More for ${each.title}`}><MoreHorizontal size={14} /></ActionIcon></Menu.Target>
                      <Menu.Dropdown>
                        <Menu.Item onClick={() => { acceptCase(draft, each).then(() => { toast("It expects from now on what it comes to now.", "ok"); }, failed); }}>Accept what it comes to now</Menu.Item>
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
    </section>
  );
}
