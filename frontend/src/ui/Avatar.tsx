/** A person as initials. */
import classes from "@/ui/Avatar.module.css";

export function Avatar({ name, small = false }: { name: string; small?: boolean }) {
  const initials = name.split(/\s+/).map((part) => part.charAt(0)).slice(0, 2).join("").toUpperCase();
  return (
    <span className={classes.avatar} data-small={small || undefined} aria-hidden="true" data-hue={[...name].reduce((sum, sign) => sum + (sign.codePointAt(0) ?? 0), 0) % 5}>
      {initials}
    </span>
  );
}
