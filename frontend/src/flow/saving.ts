/** Saves a draft as it is edited: one request at a time, the newest document wins, nothing is lost while nobody answers. */
import { canonical, type Flow } from "./document";

export type SaveState =
  | { kind: "saved"; at: number }
  | { kind: "saving" }
  | { kind: "offline"; changes: number }
  /** The server has a newer revision, or somebody else the pen: a person decides. */
  | { kind: "conflict"; sentence: string }
  | { kind: "refused"; sentence: string };

/** What the browser keeps until the server has it. */
export interface Kept {
  revision: number;
  document: Flow;
  changes: number;
  summary: string;
  at: number;
}

export type Outcome<Saved> =
  | { ok: true; revision: number; saved: Saved }
  | { ok: false; why: "unreachable" | "conflict" | "refused"; sentence: string; now?: Stands<Saved> };

/** What the server has, where it is not what a save was made on. */
export interface Stands<Saved> {
  revision: number;
  document: Flow;
  saved: Saved;
}

export interface SaverDoors<Saved> {
  put: (revision: number, document: Flow, summary: string) => Promise<Outcome<Saved>>;
  keep: (kept: Kept | null) => Promise<void>;
  clock: () => number;
  later: (ms: number, act: () => void) => () => void;
  onState: (state: SaveState) => void;
  onSaved: (saved: Saved, document: Flow) => void;
  /** What was edited was taken back before it was sent: what the server last said of the draft holds again. */
  onTakenBack: () => void;
}

const PAUSE_MS = 60;
/** A text that is being written is one revision, not one a letter: the first letter waits, and each further one longer. */
const TYPING_MS = 700;
const REST_MS = 2_000;
const SAME_MS = 4_000;
const UNANSWERED = 8;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export class Saver<Saved> {
  private readonly doors: SaverDoors<Saved>;
  private revision: number;
  private stored: string;
  private waiting: { document: Flow; titles: string[] } | null = null;
  private busy = false;
  private tries = 0;
  private stopped = false;
  private left = false;
  /** Whether the shelf holds something of this saver: what another tab keeps there is not its own to take away. */
  private shelved = false;
  /** Documents of which nobody said whether they arrived. */
  private unanswered: string[] = [];
  private last: { setting: string | null; at: number } = { setting: null, at: 0 };
  private pause = PAUSE_MS;
  private cancel: () => void = () => {};

  constructor(revision: number, document: Flow, doors: SaverDoors<Saved>) {
    this.revision = revision;
    this.stored = canonical(document);
    this.doors = doors;
  }

  get unsaved(): boolean {
    return this.waiting !== null || this.busy;
  }

  get base(): number {
    return this.revision;
  }

  /** Something was edited; `typed` names the setting whose text is being written. */
  changed(document: Flow, title: string, typed: string | null = null): void {
    if (this.stopped) return;
    const at = this.doors.clock();
    const goesOn = typed !== null && typed === this.last.setting && at - this.last.at < SAME_MS;
    this.last = { setting: typed, at };
    this.pause = goesOn ? REST_MS : typed === null ? PAUSE_MS : TYPING_MS;
    this.waiting = { document, titles: [...(this.waiting?.titles ?? []), title] };
    void this.keep();
    if (this.tries === 0) {
      this.doors.onState({ kind: "saving" }); // from this moment on it is not saved
      this.schedule(this.pause);
    } else this.doors.onState({ kind: "offline", changes: this.waiting.titles.length });
  }

  /** The text is written: nothing has to wait for more of it. */
  hurry(): void {
    if (this.waiting === null || this.tries > 0 || this.pause === PAUSE_MS) return;
    this.pause = PAUSE_MS;
    if (!this.busy) this.schedule(PAUSE_MS);
  }

  /** The page is open. */
  enter(): void {
    this.left = false;
  }

  /** The page is left: what waits is sent once. What does not arrive stays on the shelf, and the next visit sends it. */
  async leave(): Promise<void> {
    this.left = true;
    await this.flush();
  }

  /** What an earlier visit could not send. */
  restore(kept: Kept): void {
    this.shelved = true;
    this.waiting = { document: kept.document, titles: Array.from({ length: kept.changes }, () => kept.summary) };
    this.schedule(0);
  }

  /** Sends at once, for example when the network is back or before a submission. */
  async flush(): Promise<void> {
    this.cancel();
    while (this.busy) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.send();
    if (this.waiting !== null && this.tries === 0) await this.send(); // written while the other was on its way
  }

  /** Goes on from another revision. What is kept on the shelf stays there: it may be what another visit could not send. */
  rebase(revision: number, stored: Flow): void {
    this.revision = revision;
    this.stored = canonical(stored);
    this.stopped = false;
    this.tries = 0;
    this.waiting = null;
    this.unanswered = [];
    this.doors.onState({ kind: "saved", at: this.doors.clock() });
  }

  private schedule(ms: number): void {
    this.cancel();
    this.cancel = this.doors.later(ms, () => void this.send());
  }

  private async send(): Promise<void> {
    if (this.busy || this.stopped || this.waiting === null) return;
    const { document, titles } = this.waiting;
    if (canonical(document) === this.stored) {
      this.settled();
      this.doors.onTakenBack();
      return;
    }
    this.busy = true;
    this.waiting = null;
    this.doors.onState({ kind: "saving" });
    const outcome = await this.doors.put(this.revision, document, summaryOf(titles));
    this.busy = false;
    if (outcome.ok) this.arrived(outcome, document);
    else if (outcome.now && canonical(outcome.now.document) === canonical(document)) this.arrived(outcome.now, document); // it came twice
    else if (outcome.now && this.unanswered.includes(canonical(outcome.now.document))) this.goOn(outcome.now, document, titles);
    else this.failed(outcome, document, titles);
  }

  /** An earlier save had arrived, only its answer had not: this one is made on it. */
  private goOn(now: Stands<Saved>, document: Flow, titles: string[]): void {
    this.waiting = { document: this.waiting?.document ?? document, titles: [...titles, ...(this.waiting?.titles ?? [])] };
    this.revision = now.revision;
    this.stored = canonical(now.document);
    this.unanswered = [];
    this.schedule(0);
  }

  private arrived(outcome: { revision: number; saved: Saved }, document: Flow): void {
    this.revision = outcome.revision;
    this.stored = canonical(document);
    this.unanswered = [];
    this.doors.onSaved(outcome.saved, document);
    if (this.waiting === null) this.settled();
    else this.schedule(this.left ? 0 : this.pause);
  }

  private failed(outcome: { why: "unreachable" | "conflict" | "refused"; sentence: string }, document: Flow, titles: string[]): void {
    const newer = this.waiting;
    this.waiting = { document: newer?.document ?? document, titles: [...titles, ...(newer?.titles ?? [])] };
    void this.keep();
    if (outcome.why === "unreachable") {
      this.unanswered = [...this.unanswered, canonical(document)].slice(-UNANSWERED);
      this.doors.onState({ kind: "offline", changes: this.waiting.titles.length });
      if (!this.left) this.schedule(RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)] ?? 15_000);
      this.tries += 1;
      return;
    }
    if (outcome.why === "conflict") this.stopped = true;
    this.doors.onState({ kind: outcome.why, sentence: outcome.sentence });
  }

  private settled(): void {
    this.waiting = null;
    this.tries = 0;
    if (this.shelved) void this.doors.keep(null);
    this.shelved = false;
    this.doors.onState({ kind: "saved", at: this.doors.clock() });
  }

  private keep(): Promise<void> {
    if (this.waiting === null) return Promise.resolve();
    const { document, titles } = this.waiting;
    this.shelved = true;
    return this.doors.keep({ revision: this.revision, document, changes: titles.length, summary: summaryOf(titles), at: this.doors.clock() });
  }
}

function summaryOf(titles: readonly string[]): string {
  const distinct = [...new Set(titles)];
  const text = distinct.slice(-3).join("; ");
  return (distinct.length > 3 ? `${String(distinct.length)} edits: ${text}` : text).slice(0, 200);
}
