/** How much of what is offered a sink reads. */
import classes from "@/ui/Meter.module.css";

export function Meter({ reads, offered, excess = 0 }: { reads: number; offered: number; excess?: number }) {
  const share = offered > 0 ? Math.min(1, reads / offered) : 1;
  return (
    <span className={classes.meter}>
      <span className={classes.words}>
        reads {reads} of {offered} {offered === 1 ? "field" : "fields"} offered
        {excess > 0 ? <strong> · {excess} at S3 or above unused</strong> : null}
      </span>
      <svg className={classes.bar} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="4" rx="2" className={classes.track} />
        <rect width={100 * share} height="4" rx="2" className={classes.fill} />
      </svg>
    </span>
  );
}
