/** What the kinds of the catalogue are called when somebody looks for one, and the sentence that says what each does. */
import type { NodeKind } from "@/lib/api/types";

/** Words of the trade, and of other tools. */
const NAMES: Record<string, string> = {
  hl7_mllp: "listener inbound tcp receive v2 adt dft",
  fhir_inbound: "listener inbound http receive rest bundle",
  filter: "route routing branch condition where when drop select discard if",
  map_fields: "transform mapping convert translate canonical shape project",
  map_to_master: "transform lookup look-up crosswalk translate code table reference convert units",
  mask: "transform anonymise anonymize deidentify deidentification de-identify pseudonymise pseudonymize pseudonym redact tokenise tokenize hash remove phi",
  split: "transform explode repeat iterate foreach lines batch debatch",
  validate: "assert require guard check verify mandatory present",
  rest: "http json api call post outbound send request",
  soap: "xml wsdl web service call outbound send request",
  sftp: "file export ftp drop batch outbound send write",
};

/** For the search of kinds: the title counts most, then other names, then what it does. */
export function wordsOf(kind: NodeKind): readonly string[] {
  return [kind.title, `${kind.kind.replaceAll("_", " ")} ${NAMES[kind.kind] ?? ""}`, kind.doc];
}

/** What a kind does, whatever its settings will be; without its name, which stands before it. */
export function sentenceOf(kind: NodeKind): string {
  return kind.doc.split(":").slice(1).join(":").trim() || kind.doc;
}
