/** Workers are the only scripts that a page here names itself; each comes from its own origin's assets. */

interface ScriptUrls {
  createScriptURL(text: string): unknown;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL: (text: string) => string }): ScriptUrls;
}

let policy: ScriptUrls | null = null;

function own(text: string): string {
  const url = new URL(text, location.href);
  if (url.origin !== location.origin) throw new TypeError("Only this origin's own scripts are trusted.");
  return url.href;
}

/** A worker from a bundled file. */
export function trustedWorker(url: string, options?: WorkerOptions): Worker {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (factory) policy ??= factory.createPolicy("lockgate", { createScriptURL: own });
  const script = policy ? policy.createScriptURL(url) : own(url);
  return new Worker(script as string, options);
}
