/** Settings of the flow that a finding is about: where nothing on the canvas can be shown, they can be opened. */
import type { Finding } from "@/lib/api/types";

/** As the flow's inspector calls them. */
const LABELS: Record<string, string> = {
  "/name": "Name", "/purpose": "Purpose", "/criticality": "Criticality", "/owners": "Business owner", "/owners/business": "Business owner", "/owners/technical": "Technical owner",
  "/owners/cases": "Owner of cases", "/alerts": "Alerts go to", "/ordering": "Kept in order by", "/ordering/key": "Kept in order by", "/ordering/on_park": "When a posting is parked",
  "/business_keys": "Business keys", "/retention": "Payloads are kept for", "/retention/payload_days": "Payloads are kept for",
};

/** The label of the setting; null where it is about none. Its fixes name what its address does not. */
export function settingOf({ address, fixes }: Finding): string | null {
  const edits = fixes.flatMap((fix) => fix.edits.flatMap((edit) => (edit.op === "set-flow" || edit.op === "remove-flow" ? [edit.pointer] : [])));
  for (const pointer of [address.pointer, ...edits]) if (pointer && LABELS[pointer]) return LABELS[pointer];
  return null;
}

/** Whether a finding has a place on the canvas. */
export function hasPlace({ address }: Finding): boolean {
  return address.step !== null || address.sink !== null || address.wire !== null || address.path.length > 0;
}

/** Moves the focus to a setting in the inspector once that is drawn. */
export function focusSetting(label: string): void {
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      const inspector = document.querySelector("[data-inspector]");
      const named = [...(inspector?.querySelectorAll<HTMLLabelElement>("label") ?? [])].find((each) => each.textContent.startsWith(label));
      const field = named?.control ?? inspector?.querySelector<HTMLElement>(`[aria-label="${CSS.escape(label)}"]`);
      field?.focus();
      field?.scrollIntoView({ block: "center" });
    });
  });
}
