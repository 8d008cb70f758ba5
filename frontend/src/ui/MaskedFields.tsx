/** Fields that hold a value: what each is, and its value only one at a time, with a reason, for a minute. */
import { useEffect, useState } from "react";
import type { FieldThere, RevealedField } from "@/lib/api/work";
import { DataTable, type Column } from "@/ui/DataTable";
import { Masked } from "@/ui/Masked";
import { SensitivityTag } from "@/ui/Sensitivity";

interface MaskedFieldsProps {
  caption: string;
  fields: readonly FieldThere[];
  /** Without it nothing can be revealed here. */
  onReveal: ((path: string, reason: string) => Promise<RevealedField>) | null;
  empty?: React.ReactNode;
}

export function MaskedFields({ caption, fields, onReveal, empty }: MaskedFieldsProps) {
  const columns: readonly Column<FieldThere>[] = [
    { id: "path", header: "Field", width: "200px", lead: true, cell: (row) => <code>{row.path}</code> },
    { id: "name", header: "Name", plain: true, cell: (row) => row.name },
    { id: "concept", header: "What it is", minor: true, width: "140px", cell: (row) => row.concept.replace(/-/g, " ") },
    { id: "sensitivity", header: "Class", width: "90px", plain: true, cell: (row) => <SensitivityTag level={row.sensitivity} /> },
    { id: "value", header: "Value", width: "120px", plain: true, cell: (row) => <Value field={row} onReveal={onReveal} /> },
  ];
  return <DataTable caption={caption} columns={columns} rows={fields} rowKey={(row) => row.path} fixed empty={empty} />;
}

/** Masked again when its minute is over: the shown value is thrown away with the element that held it. */
function Value({ field, onReveal }: { field: FieldThere; onReveal: MaskedFieldsProps["onReveal"] }) {
  const [until, setUntil] = useState<number | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(() => { setUntil(null); setTurn((before) => before + 1); }, Math.max(0, until - Date.now()));
    return () => { clearTimeout(timer); };
  }, [until]);
  if (!onReveal) return <Masked value={field.value} field={field.path} />;
  const ask = async (reason: string) => {
    const shown = await onReveal(field.path, reason);
    setUntil(shown.until);
    return shown.values.length === 0 ? "absent" : `${shown.values.join(" ~ ")}${shown.more > 0 ? ` and ${String(shown.more)} more` : ""}`;
  };
  return <Masked key={turn} value={field.value} field={field.path} onReveal={ask} />;
}
