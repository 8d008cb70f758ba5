/** What leaves for where: sink by sink and field by field, from the sealed bytes. */
import { type Child, fill, h, stroke, table } from "./dom";
import { note } from "./panel";
import { type Atom, type Connection, gone, isNew, type Sealed, type SinkReport } from "./sealed";
import { plain, protections, SENSITIVITY, several, transport } from "./words";

export function leaves(release: Sealed): HTMLElement[] {
  return Object.entries(release.manifest.lineage).map(([name, report]) => sink(release, name, report));
}

/** `, up to S3 as they are; S4 only under a protection` */
export function weight(report: SinkReport): Child[] {
  const atoms = Object.values(report.fields).flat();
  const most = (held: boolean): number => Math.max(-1, ...atoms.filter((atom) => atom.protections.length > 0 === held).map((atom) => atom.sensitivity));
  const [bare, held] = [most(false), most(true)];
  const graver: Child[] = held > bare ? [bare < 0 ? ", " : "; ", badge(held), " only under a protection"] : [];
  return [...(bare < 0 ? [] : [", up to ", badge(bare), " as they are"]), ...graver];
}

export function titleOf(release: Sealed, step: string): string {
  return release.manifest.flow.steps.find((each) => each.id === step)?.title ?? step;
}

/** A sentence that quotes steps by their ids, with their titles: those are what this page calls them. */
export function titled(release: Sealed, sentence: string): string {
  return sentence.replace(/(?<!\bfield )'([a-z][a-z0-9-]*)'/g, (quoted, id: string) => {
    const title = titleOf(release, id);
    return title === id ? quoted : `\u201c${title}\u201d`;
  });
}

function sink(release: Sealed, name: string, report: SinkReport): HTMLElement {
  const connection = report.connection ? release.manifest.environment.connections[report.connection] : undefined;
  const fields = Object.entries(report.fields).sort((one, other) => top(other[1]) - top(one[1]) || one[0].localeCompare(other[0]));
  const rows = fields.flatMap(([field, atoms]) => alike(atoms).map((atom) => ({ field, atom, fresh: atom.all.some((each) => isNew(release, name, field, each)) })));
  const lost = gone(release, name);
  const made = h(
    "section", { class: "card sink", "aria-labelledby": `sink-${name}` },
    h("h3", { id: `sink-${name}` }, titleOf(release, name)),
    h("p", { class: "where" }, destination(report, connection)),
    h("p", {}, several(fields.length, "field leaves", "fields leave"), ...weight(report), ". Nothing else is sent, whatever arrives.", rows.length > fields.length ? " A field that comes from values of several kinds has a row for each kind." : null),
  );
  if (fields.length === 0) fill(made, note("info", "No field leaves for this sink."));
  else {
    fill(made, table(
      `Fields that leave for ${titleOf(release, name)}`,
      [{ title: "Field sent" }, { title: "Comes from" }, { title: "What it is" }, { title: "How sensitive" }, { title: "Whose" }, { title: "Protected" }],
      rows.map(({ field, atom, fresh }) => [
        [h("code", {}, field), fresh ? h("span", { class: "tag" }, "new") : null],
        atom.all.map((each, at) => [at > 0 ? ", " : null, h("code", {}, each.origin)]), plain(atom.concept), badge(atom.sensitivity), atom.classes.map(plain).join(", "), guarded(atom),
      ]),
      rows.map(({ fresh }) => (fresh ? "fresh" : undefined)),
    ));
  }
  const meant = protections(rows.flatMap(({ atom }) => atom.protections));
  if (meant) fill(made, h("p", { class: "muted" }, `${meant}.`));
  if (lost.length > 0) fill(made, note("info", `No longer sent, compared with the release before: ${lost.join(", ")}.`));
  if (report.control.length > 0) fill(made, control(report.control));
  return made;
}

/** Origins of one nature in one row: what they are, how sensitive, whose, and how protected. */
function alike(atoms: Atom[]): (Atom & { all: Atom[] })[] {
  const groups = new Map<string, Atom[]>();
  for (const atom of atoms) {
    const nature = JSON.stringify([atom.sensitivity, atom.concept, atom.classes, atom.protections]);
    groups.set(nature, [...(groups.get(nature) ?? []), atom]);
  }
  return [...groups.values()].flatMap((all) => (all[0] ? [{ ...all[0], all }] : [])).sort((one, other) => other.sensitivity - one.sensitivity);
}

function destination(report: SinkReport, connection: Connection | undefined): Child {
  if (!connection) return "To no connection.";
  const at = `${connection.host}:${String(connection.port)}${connection.base_path ?? ""}`;
  return ["To ", h("strong", {}, connection.system), ` (${plain(connection.domain)}) at `, h("code", {}, at), `, ${transport(connection.transport)}`, report.operation ? [", operation ", h("code", {}, report.operation)] : null, `. Purpose: ${plain(report.purpose)}.`];
}

function control(atoms: Atom[]): HTMLElement {
  return h("details", {}, h("summary", {}, `Whether anything is sent hangs on ${several(atoms.length, "value")}`), h("ul", { class: "plain" }, atoms.map((atom) => h("li", {}, h("code", {}, atom.origin), " ", plain(atom.concept), " ", badge(atom.sensitivity)))));
}

function guarded(atom: Atom): Child {
  return atom.protections.length > 0 ? atom.protections.map(plain).join(", ") : h("span", { class: "muted" }, "as it came");
}

function top(atoms: Atom[]): number {
  return Math.max(0, ...atoms.map((each) => each.sensitivity));
}

/** Colour, width and dash, and the words: never one of them alone. */
export function badge(level: number): HTMLElement {
  return h("span", { class: "badge" }, stroke(level), `S${String(level)} ${SENSITIVITY[level] ?? ""}`);
}
