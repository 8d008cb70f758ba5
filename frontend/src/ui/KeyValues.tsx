/** Names and what they are, in two columns. */
import classes from "@/ui/KeyValues.module.css";

export function KeyValues({ items }: { items: readonly (readonly [string, React.ReactNode])[] }) {
  return (
    <dl className={classes.list}>
      {items.map(([name, value]) => (
        <div key={name} className={classes.item}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
