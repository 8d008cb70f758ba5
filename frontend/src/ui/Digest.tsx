/** A digest: short to read, whole to copy. */
import { useState } from "react";
import { Check, Copy } from "lucide-react";
import { short } from "@/lib/words";
import { announce } from "@/ui/toasts";
import classes from "@/ui/Digest.module.css";

export function Digest({ value, whole = false }: { value: string; whole?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    announce("The digest is copied.");
    setCopied(true);
    setTimeout(() => {
      setCopied(false);
    }, 1500);
  };
  return (
    <span className={classes.digest} data-whole={whole || undefined}>
      <code title={value}>{whole ? <Grouped value={value} /> : short(value)}</code>
      <button type="button" className={classes.copy} aria-label="Copy the whole digest" onClick={() => void copy()}>
        {copied ? <Check size={13} aria-hidden="true" /> : <Copy size={13} aria-hidden="true" />}
      </button>
    </span>
  );
}

/** In groups of eight, as people compare them; what is selected and copied has no spaces. */
function Grouped({ value }: { value: string }) {
  return (value.match(/.{1,8}/g) ?? []).map((group, index) => (
    <span key={index} className={classes.group}>
      {group}
      <wbr />
    </span>
  ));
}
