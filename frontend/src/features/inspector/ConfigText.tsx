/** A config as JSON, for whoever writes faster than forms. Loaded when it is first opened. */
import { useEffect, useRef, useState } from "react";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Config } from "@/flow/document";
import classes from "./ConfigText.module.css";

interface ConfigTextProps {
  value: Config;
  disabled: boolean;
  onChange: (config: Config) => void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--s2-colour)" },
]);

const LOOKS = EditorView.theme({
  "&": { fontSize: "12.5px", backgroundColor: "var(--surface)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--text)", minHeight: "220px" },
  ".cm-gutters": { backgroundColor: "var(--canvas)", color: "var(--muted)", border: "0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
});

export function ConfigText({ value, disabled, onChange }: ConfigTextProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  const first = useRef(value);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    change.current = onChange;
  }, [onChange]);
  useEffect(() => {
    if (!host.current) return;
    // In a shadow root the editor's styles are sheets made by script, which the page's policy allows; in the page they
    // would be style elements, which it refuses.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: JSON.stringify(first.current, null, 2),
        extensions: [
          lineNumbers(), foldGutter(), history(), indentOnInput(), bracketMatching(), json(), linter(jsonParseLinter()), lintGutter(),
          syntaxHighlighting(COLOURS), LOOKS, EditorView.lineWrapping, EditorState.readOnly.of(disabled),
          EditorView.contentAttributes.of({ "aria-label": "Settings as JSON" }),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) setProblem(taken(update.state.doc.toString(), change.current));
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
    };
  }, [disabled]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.hasFocus) return;
    const text = JSON.stringify(value, null, 2);
    if (same(editor.state.doc.toString(), value)) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [value]);
  return (
    <div className={classes.frame}>
      <p className={classes.note}>What is valid JSON is taken over as you write. Escape, then Tab leaves the text.</p>
      <div ref={host} className={classes.host} />
      {problem ? (
        <p className={classes.problem} role="status">
          {problem}
        </p>
      ) : null}
    </div>
  );
}

/** Hands a readable config on; else says why it is none. */
function taken(text: string, onChange: (config: Config) => void): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `Not taken over yet: ${error instanceof Error ? error.message : "this is no JSON"}.`;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return "Not taken over: settings are an object, { … }.";
  onChange(value as Config);
  return null;
}

function same(text: string, value: Config): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}
