/** 200 strings that want to be more than text: 20 ways of being markup or code, each in 10 wrappings. Every one carries its number. */
const WAYS = [
  (n) => `<img src=x onerror="window.hurt=${n}">`,
  (n) => `<script>window.hurt=${n}</script>`,
  (n) => `<svg onload="window.hurt=${n}"><circle r=9>`,
  (n) => `<iframe srcdoc="<script>parent.hurt=${n}</script>"></iframe>`,
  (n) => `"><b data-hurt=${n}>`,
  (n) => `' onmouseover='window.hurt=${n}' x='`,
  (n) => `javascript:window.hurt=${n}`,
  (n) => `{{constructor.constructor('window.hurt=${n}')()}}`,
  (n) => "${window.hurt=" + String(n) + "}",
  (n) => `</title><a href="javascript:window.hurt=${n}">x</a>`,
  (n) => `<!--><img src=x onerror=window.hurt=${n}>-->`,
  (n) => `<math><mtext><style><img src=x onerror=window.hurt=${n}></style>`,
  (n) => `]]><script>window.hurt=${n}</script>`,
  (n) => `<details open ontoggle=window.hurt=${n}>`,
  (n) => `<form action=javascript:window.hurt=${n}><input type=submit autofocus>`,
  (n) => `<base href="//hurt.example/${n}/">`,
  (n) => `<link rel=stylesheet href="data:,*{display:none}" data-hurt=${n}>`,
  (n) => `=HYPERLINK("javascript:window.hurt=${n}")`,
  (n) => `%3Cimg%20src%3Dx%20onerror%3Dwindow.hurt%3D${n}%3E`,
  (n) => `&lt;img src=x onerror=window.hurt=${n}&gt;`,
];
const WRAPPINGS = [
  (text) => text,
  (text) => `'${text}'`,
  (text) => `"${text}"`,
  (text) => `</div>${text}`,
  (text) => `\u202e${text}`,
  (text) => `e\u0301${text}`.normalize("NFC"),
  (text) => text.replaceAll("window", "\u200bwindow"),
  (text) => text.toUpperCase(),
  (text) => `</textarea></script>${text}`,
  (text) => `ends here ${text} or not`,
];

export const HOSTILE = WAYS.flatMap((way, one) => WRAPPINGS.map((wrap, other) => wrap(way(one * WRAPPINGS.length + other))));

/** What would be there if one of them had become more than text; run in the page. */
export function hurt() {
  const found = document.querySelectorAll("[data-hurt], [onerror], [onload], [ontoggle], [onmouseover], iframe, object, embed, base, img[src='x'], a[href^='javascript:' i], form[action^='javascript:' i]");
  return [...(window.hurt === undefined ? [] : [`a script ran: ${String(window.hurt)}`]), ...[...found].map((each) => each.outerHTML.slice(0, 120))];
}
