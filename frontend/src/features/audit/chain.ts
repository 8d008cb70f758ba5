/** The chain, computed again here: after each record the head is SHA-256 over the head before and the record's line. */
import type { ChainPage } from "@/features/audit/api";

export interface Checked {
  /** First record number of each row, and whether its head is what was computed. */
  rows: readonly { first: number; count: number; good: boolean }[];
  good: boolean;
}

export async function check(page: Pick<ChainPage, "previous" | "rows">): Promise<Checked> {
  let head = bytes(page.previous);
  const rows = [];
  for (const row of page.rows) {
    for (const record of row.records) head = await digest(head, new TextEncoder().encode(record));
    const good = hex(head) === row.head;
    rows.push({ first: row.first, count: row.count, good });
    head = bytes(row.head); // a broken row does not make the ones after it look broken
  }
  return { rows, good: rows.every((each) => each.good) };
}

async function digest(head: Uint8Array, line: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(head.length + line.length);
  whole.set(head);
  whole.set(line, head.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
