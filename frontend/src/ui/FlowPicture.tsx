/** A flow as the server draws it: the same picture in the catalogue, the review and on paper. */
import classes from "@/ui/FlowPicture.module.css";

/** `src` is an address of the API, for example `/api/v1/flows/supply/picture.svg`. */
export function FlowPicture({ src, alt, height }: { src: string; alt: string; height?: number }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard
    <figure className={classes.frame} aria-label={alt} tabIndex={0} style={height ? { height } : undefined}>
      <img src={src} alt={alt} loading="lazy" decoding="async" />
    </figure>
  );
}
