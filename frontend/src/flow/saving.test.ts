import { describe, expect, test } from "vitest";
import type { Flow } from "./document";
import { type Kept, type Outcome, type SaveState, Saver } from "./saving";
import { supply } from "./testing";

class Desk {
  states: SaveState[] = [];
  kept: Kept | null = null;
  sent: { revision: number; document: Flow; summary: string }[] = [];
  outcomes: Outcome<string>[] = [];
  timers: { ms: number; act: () => void }[] = [];
  gate: Promise<void> | null = null;
  takenBack = 0;
  saver = new Saver<string>(1, supply(), {
    put: async (revision, document, summary) => {
      this.sent.push({ revision, document, summary });
      await this.gate;
      return this.outcomes.shift() ?? { ok: true, revision: revision + 1, saved: "yes" };
    },
    keep: (kept) => {
      this.kept = kept;
      return Promise.resolve();
    },
    clock: () => 42,
    later: (ms, act) => {
      const timer = { ms, act };
      this.timers.push(timer);
      return () => {
        this.timers = this.timers.filter((each) => each !== timer);
      };
    },
    onState: (state) => this.states.push(state),
    onSaved: () => {},
    onTakenBack: () => (this.takenBack += 1),
  });

  async tick(): Promise<void> {
    this.timers.shift()?.act();
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

const named = (name: string): Flow => ({ ...supply(), name });
const DOWN: Outcome<string> = { ok: false, why: "unreachable", sentence: "gone" };

describe("saving", () => {
  test("sends the newest document after a pause, and says what was done", async () => {
    const desk = new Desk();
    desk.saver.changed(named("a"), "Renamed");
    desk.saver.changed(named("ab"), "Renamed");
    expect(desk.states.at(-1)).toEqual({ kind: "saving" });
    await desk.tick();
    expect(desk.sent.map((each) => [each.revision, each.document.name, each.summary])).toEqual([[1, "ab", "Renamed"]]);
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
    expect(desk.kept).toBeNull();
  });

  test("sends one request at a time, each on the revision that the last one made", async () => {
    const desk = new Desk();
    let open = (): void => {};
    desk.gate = new Promise((resolve) => (open = resolve));
    desk.saver.changed(named("a"), "One");
    await desk.tick();
    desk.saver.changed(named("b"), "Two");
    await desk.tick();
    expect(desk.sent).toHaveLength(1);
    open();
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    await desk.tick();
    expect(desk.sent.map((each) => each.revision)).toEqual([1, 2]);
  });

  test("keeps everything here while nobody answers, and sends it when somebody does", async () => {
    const desk = new Desk();
    desk.outcomes = [DOWN, DOWN];
    desk.saver.changed(named("a"), "One");
    await desk.tick();
    expect(desk.states.at(-1)).toEqual({ kind: "offline", changes: 1 });
    desk.saver.changed(named("b"), "Two");
    expect(desk.states.at(-1)).toEqual({ kind: "offline", changes: 2 });
    expect(desk.kept?.document.name).toBe("b");
    await desk.tick();
    await desk.tick();
    expect(desk.sent.at(-1)?.document.name).toBe("b");
    expect(desk.sent.at(-1)?.revision).toBe(1);
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
    expect(desk.kept).toBeNull();
  });

  test("an edit that is taken back before it was sent is not sent, and what the server said of the draft is asked for again", async () => {
    const desk = new Desk();
    desk.saver.changed(named("a"), "Renamed");
    desk.saver.changed(supply(), "Undone: Renamed");
    await desk.tick();
    expect(desk.sent).toHaveLength(0);
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
    expect(desk.takenBack).toBe(1);
  });

  test("an edit taken back while nobody answers holds up no later one", async () => {
    const desk = new Desk();
    desk.outcomes = [DOWN];
    desk.saver.changed(named("a"), "Renamed");
    await desk.tick();
    desk.saver.changed(supply(), "Undone: Renamed");
    await desk.tick();
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
    desk.saver.changed(named("b"), "Renamed again");
    await desk.tick();
    expect(desk.sent.at(-1)?.document.name).toBe("b");
  });

  test("stops at a conflict, keeps the work, and goes on from the revision that a person chose", async () => {
    const desk = new Desk();
    desk.outcomes = [{ ok: false, why: "conflict", sentence: "Ben saved since." }];
    desk.saver.changed(named("mine"), "One");
    await desk.tick();
    desk.saver.changed(named("more"), "Two");
    await desk.tick();
    expect(desk.sent).toHaveLength(1);
    expect(desk.states.at(-1)).toEqual({ kind: "conflict", sentence: "Ben saved since." });
    expect(desk.kept?.document.name).toBe("mine");
    desk.saver.rebase(7, named("theirs"));
    desk.saver.changed(named("mine"), "Put mine over it");
    await desk.tick();
    expect(desk.sent.at(-1)?.revision).toBe(7);
  });

  test("sends nothing when the document is again what the server has", async () => {
    const desk = new Desk();
    desk.saver.changed(named("a"), "One");
    desk.saver.changed(supply(), "Undone");
    await desk.tick();
    expect(desk.sent).toHaveLength(0);
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
  });

  test("a save that came twice is no conflict: where the server has just that, it is saved", async () => {
    const desk = new Desk();
    desk.outcomes = [{ ok: false, why: "conflict", sentence: "This draft is at revision 2.", now: { revision: 2, document: named("a"), saved: "theirs" } }];
    desk.saver.changed(named("a"), "Renamed");
    await desk.tick();
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
    desk.saver.changed(named("b"), "Renamed again");
    await desk.tick();
    expect(desk.sent.at(-1)?.revision).toBe(2);
  });

  test("a save whose answer was lost is the ground for the next one", async () => {
    const desk = new Desk();
    desk.outcomes = [DOWN, { ok: false, why: "conflict", sentence: "This draft is at revision 2.", now: { revision: 2, document: named("a"), saved: "first" } }];
    desk.saver.changed(named("a"), "One");
    await desk.tick();
    desk.saver.changed(named("ab"), "Two");
    await desk.tick();
    await desk.tick();
    expect(desk.sent.map((each) => [each.revision, each.document.name])).toEqual([[1, "a"], [1, "ab"], [2, "ab"]]);
    expect(desk.states.at(-1)).toEqual({ kind: "saved", at: 42 });
  });

  test("a page that follows what others saved takes nothing from the shelf where another tab keeps its work", async () => {
    const desk = new Desk();
    desk.kept = { revision: 1, document: named("kept elsewhere"), changes: 1, summary: "Renamed", at: 1 };
    desk.saver.rebase(2, named("saved by others"));
    await desk.tick();
    expect(desk.kept?.document.name).toBe("kept elsewhere");
  });

  test("whoever leaves while nobody answers tries no more: the next visit sends what is kept", async () => {
    const desk = new Desk();
    desk.outcomes = [DOWN];
    desk.saver.changed(named("a"), "Renamed");
    await desk.saver.leave();
    expect(desk.timers).toHaveLength(0);
    expect(desk.kept?.document.name).toBe("a");
  });

  test("letters of one text are one save, made when the writing rests or the field is left", async () => {
    const desk = new Desk();
    for (const name of ["E", "Ev", "Eve"]) desk.saver.changed(named(name), "Changed the name", "flow /name");
    expect(desk.timers.map((each) => each.ms)).toEqual([2_000]);
    desk.saver.hurry();
    expect(desk.timers.map((each) => each.ms)).toEqual([60]);
    await desk.tick();
    expect(desk.sent.map((each) => each.document.name)).toEqual(["Eve"]);
    desk.saver.changed(named("Eve!"), "Connected two steps");
    expect(desk.timers.map((each) => each.ms)).toEqual([60]);
  });
});
