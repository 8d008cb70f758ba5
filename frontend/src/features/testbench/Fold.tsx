/** A part of the bench that opens as it is asked for. */
import { type ReactNode, useState } from "react";
import classes from "@/features/testbench/TestBench.module.css";

/** What is drawn only while it is open: forty records of hundreds of fields are many. */
export function Fold({ open, head, children }: { open: boolean; head: ReactNode; children: () => ReactNode }) {
  const [isOpen, setOpen] = useState(open);
  return (
    <details className={classes.fold} open={isOpen} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
      <summary>{head}</summary>
      {isOpen ? children() : null}
    </details>
  );
}
