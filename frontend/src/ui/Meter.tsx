/** How much of what is offered a sink reads. */
import classes from "@/ui/Meter.module.css";

/** "reads 7 of 9 fields offered" */
export function meterWords(reads: number, offered: number, excess: number): string {
  return `reads ${String(reads)} of ${String(offered)} ${offered === 1 ? "field" : "fields"} offered${excess > 0 ? excessWords(excess) : ""}`;
}

function excessWords(excess: number): string {
  return `, ${String(excess)} at S3 or above unprotected`;
}

export function Meter({ reads, offered, excess = 0 }: { reads: number; offered: number; excess?: number }) {
  const share = offered > 0 ? Math.min(1, reads / offered) : 1;
  return (
    <span className={classes.meter}>
      <span className={classes.words}>
        {meterWords(reads, offered, 0)}
        {excess > 0 ? <strong>{excessWords(excess)}</strong> : null}
      </span>
      <svg className={classes.bar} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="4" rx="2" className={classes.track} />
        <rect width={100 * share} height="4" rx="2" className={classes.fill} />
      </svg>
    </span>
  );
}
