/** The fields by which people find the messages of a flow, chosen like any other field. */
import { useState } from "react";
import { ActionIcon, Button } from "@mantine/core";
import { Plus, X } from "lucide-react";
import { FieldPath } from "./form/widgets/FieldPath";
import classes from "./Inspector.module.css";
import form from "./form/Form.module.css";

interface BusinessKeysProps {
  paths: readonly string[];
  /** The step at which the fields are named. */
  step: string | null;
  disabled: boolean;
  onChange: (paths: string[]) => void;
}

const MOST = 16;

export function BusinessKeys({ paths, step, disabled, onChange }: BusinessKeysProps) {
  const [adding, setAdding] = useState(false);
  const write = (index: number, path: string) => {
    setAdding(false);
    const next = index === paths.length ? [...paths, path] : paths.map((each, place) => (place === index ? path : each));
    onChange([...new Set(next.filter(Boolean))]);
  };
  return (
    <div className="stack" style={{ gap: 4 }} role="group" aria-label="Business keys">
      <span className={classes.doc} style={{ fontWeight: 600 }}>Business keys</span>
      <span className="muted" style={{ fontSize: "var(--fz-12)" }}>People find messages by these. Only their hash is kept.</span>
      {[...paths, ...(adding ? [""] : [])].map((path, index) => {
        const label = `Business key ${String(index + 1)}`;
        return (
          <div key={`${String(index)} ${path}`} className={form.row}>
            <FieldPath label={label} value={path} step={step} disabled={disabled} onChange={(next) => { write(index, next); }} />
            {disabled ? null : (
              <ActionIcon size={28} aria-label={`Remove ${label}`} onClick={() => { write(index, ""); }}>
                <X size={14} />
              </ActionIcon>
            )}
          </div>
        );
      })}
      {disabled || adding || paths.length >= MOST ? null : (
        <Button className={form.add ?? ""} size="xs" variant="subtle" leftSection={<Plus size={13} />} onClick={() => { setAdding(true); }}>
          Add a key
        </Button>
      )}
    </div>
  );
}
