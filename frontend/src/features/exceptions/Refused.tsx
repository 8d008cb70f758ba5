/** What stands in place of a replay where nothing was kept that could be replayed. */
import classes from "@/features/exceptions/Exceptions.module.css";

export function Refused({ what }: { what: "the case" | "its cases" }) {
  return (
    <section className={classes.stage} aria-label="Replay">
      <h2>2. Nothing to replay</h2>
      <p>It was refused before it was taken: the sender was told, and nothing of it is kept. When it comes again in good order it is taken. Close {what} when the sender knows.</p>
    </section>
  );
}
