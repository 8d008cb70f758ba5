/** Elements from values. Text is always text: nothing here parses markup, and the page's policy forbids it anyway. */

export type Child = Node | string | number | null | undefined | false | Child[];
type Props = Record<string, string | boolean | number | undefined | ((event: Event) => void)>;

/** Signs that are not seen, or turn the others round, are shown by their number: what is read is what is signed. */
export function plainly(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (sign) => (sign === "\n" || sign === "\t" ? sign : `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`));
}

/** An element; members that are functions listen (`onclick`), true is a bare attribute, false and undefined are none. */
export function h<K extends keyof HTMLElementTagNameMap>(name: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, plainly(String(value)));
  }
  fill(made, ...children);
  return made;
}

export function fill(into: Node, ...children: Child[]): void {
  for (const child of children.flat(20) as (Node | string | number | null | undefined | false)[]) {
    if (child === null || child === undefined || child === false) continue;
    into.appendChild(child instanceof Node ? child : document.createTextNode(plainly(String(child))));
  }
}

/** Puts new children in the place of all old ones. */
export function show(into: Element, ...children: Child[]): void {
  into.replaceChildren();
  fill(into, ...children);
}

/** A piece of wire as the canvas draws it: width and dash say the sensitivity where colour does not. */
export function stroke(level: number, length = 28): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ width: length, height: 8, viewBox: `0 0 ${String(length)} 8`, class: `stroke s${String(level)}`, "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, String(value));
  }
  const line = document.createElementNS(space, "line");
  for (const [key, value] of Object.entries({ x1: 0, x2: length, y1: 4, y2: 4 })) line.setAttribute(key, String(value));
  svg.appendChild(line);
  return svg;
}

/** Tells those who hear the page what changed. */
export function say(sentence: string): void {
  const place = document.getElementById("said");
  if (place) place.textContent = sentence;
}

/** Parts of one text that stand apart; what is copied of it has no spaces. */
export function apart(parts: readonly string[]): HTMLElement {
  return h("code", { class: "apart" }, parts.map((part) => [h("span", {}, part), h("wbr")]));
}

interface Column {
  title: string;
  wide?: boolean;
}

/** A table that becomes a list of cards where there is no room; every cell then carries its column's title. */
export function table(caption: string, columns: Column[], rows: Child[][], marks: (string | undefined)[] = []): HTMLElement {
  return h(
    "table", { class: "cards" },
    h("caption", { class: "quiet" }, caption),
    h("thead", {}, h("tr", {}, columns.map((each) => h("th", { scope: "col", class: each.wide ? "wide" : undefined }, each.title)))),
    h("tbody", {}, rows.map((row, at) => h("tr", { class: marks[at] }, row.map((cell, n) => h("td", { "data-title": columns[n]?.title ?? "" }, h("div", {}, cell)))))),
  );
}

/** Names and values. */
export function facts(pairs: [string, Child][]): HTMLElement {
  return h("dl", { class: "facts" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}
