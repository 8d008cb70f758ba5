"use strict";
// Keeps the table as new as the ledger. Everything is written as text.
const body = document.querySelector("tbody");
const said = document.getElementById("said");
const hold = document.getElementById("hold");
let held = false;

hold.addEventListener("click", () => {
  held = !held;
  hold.textContent = held ? "Go on" : "Pause";
});

function row(cells) {
  const line = document.createElement("tr");
  for (const cell of cells) {
    const place = document.createElement("td");
    place.textContent = cell;
    line.append(place);
  }
  return line;
}

async function refresh() {
  if (held) return;
  try {
    const answer = await fetch("/rows");
    const { sentence, rows } = await answer.json();
    said.textContent = sentence;
    body.replaceChildren(...rows.map(row));
  } catch {
    said.textContent = "The stand-in does not answer: is the demo still running?";
  }
}

setInterval(refresh, 1000);
