/** Copy, cut and paste by the system's clipboard, while the focus is on the flow. */
import { useEffect } from "react";
import { clipOf, clipText, readClip } from "@/flow/clipboard";
import { deleteParts } from "@/flow/commands/delete";
import { paste } from "@/flow/commands/paste";
import { count } from "@/lib/words";
import { announce, toast } from "@/ui/toasts";
import { chosen, inEditor, parted } from "./commands";
import { useDesk } from "./context";

export function useClipboard(): void {
  const { editor, catalogue } = useDesk();
  useEffect(() => {
    let pastes = 0;
    const copy = (event: ClipboardEvent, cut: boolean) => {
      const ids = chosen(editor);
      if (!inEditor() || ids.size === 0 || (window.getSelection()?.toString() ?? "") !== "") return;
      event.clipboardData?.setData("text/plain", clipText(clipOf(editor.flow(), ids)));
      event.preventDefault();
      pastes = 0;
      if (cut && editor.getState().writable) editor.run(deleteParts(...parted(editor.flow(), ids)));
      announce(`${count(ids.size, "part")} ${cut ? "cut" : "copied"}`);
    };
    const onCopy = (event: ClipboardEvent) => { copy(event, false); };
    const onCut = (event: ClipboardEvent) => { copy(event, true); };
    const onPaste = (event: ClipboardEvent) => {
      if (!inEditor() || !editor.getState().writable) return;
      event.preventDefault();
      const result = readClip(event.clipboardData?.getData("text/plain") ?? "", new Set(catalogue.connections.map((each) => each.name)));
      if ("sentence" in result) {
        toast(result.sentence);
        return;
      }
      pastes += 1;
      editor.run(paste(result.clip, [40 * pastes, 40 * pastes]));
      if (result.unbound.length > 0) toast(`Choose a connection for ${result.unbound.join(", ")}: the copied one is not in this environment.`);
    };
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCut);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCut);
      document.removeEventListener("paste", onPaste);
    };
  }, [editor, catalogue]);
}
