/** Drafts of the stand-in. */
export function draftAnswers(_method: string, _url: URL, _body: unknown): { status: number; json?: unknown } | null {
  return null;
}
