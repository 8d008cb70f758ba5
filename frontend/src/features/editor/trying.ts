/** A file that was dropped on the canvas: read here only as far as to refuse what cannot be a message. */
import { create } from "zustand";
import { toast } from "@/ui/toasts";

/** The last message that was tried, and what became of it. */
export const useRun = create<{ run: null }>(() => ({ run: null }));

const LIMIT = 1024 * 1024;

export async function readMessage(file: File): Promise<string | null> {
  if (file.size > LIMIT) {
    toast(`${file.name} is ${String(Math.ceil(file.size / 1024))} KB. A message of at most 1 MB can be tried here.`, "bad");
    return null;
  }
  const text = await file.text();
  if (text.includes("\u0000")) {
    toast(`${file.name} is no text. Drop an HL7 v2 message, a FHIR resource or a Bundle as JSON.`, "bad");
    return null;
  }
  return text;
}

export async function takeFile(_draft: string, file: File): Promise<void> {
  await readMessage(file);
}
