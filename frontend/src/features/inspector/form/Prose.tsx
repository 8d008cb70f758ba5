/** The words of a schema's description: ``text between back-ticks`` is shown as code, all else as it stands. */
import { Fragment } from "react";

export function Prose({ text }: { text: string }) {
  const parts = text.replace(/\s+/g, " ").split(/``?/);
  return (
    <>
      {parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>))}
    </>
  );
}
