/** What the person at the desk may sign for a release, and the sentence where they may not. The server asks again. */
import { asideSentence } from "./aside";
import { type Sealed, who } from "./sealed";
import { type Act, barred, type Context, nameOf, unheld } from "./who";
import { listed, moment } from "./words";

export type ReleaseAct = Exclude<Act, "master-change">;

/** The sentence that says why not; null where the person may. */
export function mayNot(ctx: Context, release: Sealed, act: ReleaseAct): string | null {
  const ended = over(ctx, release, act);
  const general = unheld(ctx) ?? (ended ? null : own(ctx, release, act)) ?? barred(ctx, act) ?? ended;
  if (general || !ctx.key) return general;
  const person = ctx.key.person;
  return REASONS[act](ctx, release, person);
}

/** Of their own work an author is told that first: no role would change it. */
function own(ctx: Context, release: Sealed, act: ReleaseAct): string | null {
  if (!release.manifest.authors.includes(ctx.key?.person ?? "")) return null;
  if (act === "approval") return "You are an author of this release. Nobody approves their own work: two other people do.";
  return act === "activation" && !release.view.active?.this ? "You are an author of this release. Somebody else activates it." : null;
}

function over(ctx: Context, release: Sealed, act: ReleaseAct): string | null {
  const { manifest, view } = release;
  const stopped = who(release, "revocation");
  if (stopped.length > 0) return `${names(ctx, stopped)} revoked this release. It runs no more, and nothing is signed for it.`;
  if (act === "revocation") return null;
  if (view.aside) return asideSentence(ctx, view.aside);
  if (manifest.expires <= ctx.about.at) return `This release expired on ${moment(manifest.expires)}. Its author seals a new one.`;
  if (view.refusal && act !== "activation") return `The desk computed the proof again and refuses this release: ${view.refusal.sentence}`;
  return null;
}

const REASONS: Record<ReleaseAct, (ctx: Context, release: Sealed, person: string) => string | null> = {
  authorship: (ctx, { manifest, ...release }, person) => {
    if (!manifest.authors.includes(person)) return `Only its authors seal this release: ${names(ctx, manifest.authors)}.`;
    return who({ manifest, ...release }, "authorship").includes(person) ? "You have sealed this release as its author. Now others approve it." : null;
  },
  approval: (ctx, release, person) => {
    if (who(release, "approval").includes(person)) return "You have approved this release already. One yes a person is all that counts.";
    if (who(release, "authorship").length === 0) return `No author has sealed this release yet. ${names(ctx, release.manifest.authors)} does that first.`;
    return null;
  },
  activation: (ctx, release, person) => {
    const approvers = who(release, "approval");
    if (release.view.active?.this) return `This release is active already, by activation ${String(release.view.active.sequence)}.`;
    if (approvers.includes(person)) return "You approved this release. Somebody else activates it.";
    return lacking(ctx, approvers) ?? (release.view.refusal ? `The desk computed the proof again and refuses this release: ${release.view.refusal.sentence}` : null);
  },
  revocation: () => null,
};

/** What the quorum still lacks; null where there are enough. */
export function lacking(ctx: Context, approvers: string[]): string | null {
  const quorum = ctx.about.root.thresholds.approval;
  if (approvers.length < quorum.persons) return `${String(approvers.length)} of ${String(quorum.persons)} people have approved this release. It can be activated when all have.`;
  for (const [role, least] of Object.entries(quorum.roles)) {
    const found = approvers.filter((each) => ctx.about.root.persons[each]?.roles.includes(role)).length;
    if (found < least) return `Somebody with the role ${role} must approve this release too.`;
  }
  return null;
}

function names(ctx: Context, people: readonly string[]): string {
  return listed(people.map((each) => nameOf(each, ctx.about.root)));
}
