/** From where somebody came to the desk, and the ways back: they stand behind the # of the address, and name no right. */

const DIGEST = /^[0-9a-f]{64}$/;
const REVIEW = /^r[0-9a-f]{16}$/;
const ACT = /^[a-z]{1,20}$/;

function given(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

function named(name: string, form: RegExp): string | null {
  const value = given().get(name);
  return value !== null && form.test(value) ? value : null;
}

/** The short name that the link carries. */
export function wanted(): string | null {
  return named("as", /^[a-z][a-z0-9-]{0,62}$/);
}

/** The release that is open, or that the keys page was opened from. */
function release(): string | null {
  const [, kind, name] = location.pathname.split("/");
  return kind === "release" && name && DIGEST.test(name) ? name : named("release", DIGEST);
}

function behind(names: Record<string, string | null>): string {
  const kept = new URLSearchParams(Object.entries(names).filter((each): each is [string, string] => each[1] !== null));
  return kept.size > 0 ? `#${kept.toString()}` : "";
}

export function keysAddress(): string {
  return `/keys${behind({ release: release(), act: named("act", ACT), as: wanted(), review: named("review", REVIEW) })}`;
}

/** Back to the release that the keys page was opened from; null where it was opened by itself. */
export function releaseAddress(): string | null {
  const name = release();
  return name ? `/release/${name}${behind({ act: named("act", ACT), as: wanted(), review: named("review", REVIEW) })}` : null;
}

/** The page of the designer that led here, else its first. */
export function designerAddress(designer: string): string {
  const review = named("review", REVIEW);
  return review ? `${designer}/reviews/${review}` : designer;
}

/** A name in the address gives way to the one that was picked. */
export function dropName(): void {
  const kept = given();
  kept.delete("as");
  history.replaceState(null, "", `${location.pathname}${kept.size > 0 ? `#${kept.toString()}` : ""}`);
}
