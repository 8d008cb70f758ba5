/** Key caps. */
import { Fragment } from "react";
import { caps } from "@/lib/keys";
import classes from "@/ui/Keys.module.css";

export function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.keys}>
      {caps(keys).map((together, index) => (
        <Fragment key={index}>
          {index > 0 ? <span className={classes.then}>then</span> : null}
          {together.map((cap) => (
            <kbd key={cap} className={classes.cap}>
              {cap}
            </kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
