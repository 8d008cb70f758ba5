/** Short news at the edge, said aloud too. A failure stays until it is closed; the rest goes by itself. */
import { useEffect } from "react";
import { CheckCircle2, Info, X, XCircle } from "lucide-react";
import { ActionIcon, Button } from "@mantine/core";
import { create } from "zustand";
import { sentenceOf } from "@/lib/api/http";
import classes from "@/ui/toasts.module.css";

interface Toast {
  id: number;
  tone: "ok" | "bad" | "info";
  text: string;
  action?: { title: string; run: () => void } | undefined;
}

const useToasts = create<{ list: Toast[]; said: string }>(() => ({ list: [], said: "" }));
let next = 1;

export function toast(text: string, tone: Toast["tone"] = "info", action?: Toast["action"]): void {
  useToasts.setState(({ list }) => ({ list: [...list.filter((each) => each.text !== text).slice(-2), { id: next++, tone, text, action }] }));
}

export function failed(error: unknown): void {
  toast(sentenceOf(error), "bad");
}

/** Says a sentence to screen readers without showing it. */
export function announce(text: string): void {
  useToasts.setState({ said: "" });
  setTimeout(() => {
    useToasts.setState({ said: text });
  }, 20);
}

function drop(id: number): void {
  useToasts.setState(({ list }) => ({ list: list.filter((each) => each.id !== id) }));
}

export function Toasts() {
  const { list, said } = useToasts();
  return (
    <>
      <div className="quiet" role="status" aria-live="polite" data-testid="announcer">
        {said}
      </div>
      <section className={classes.region} aria-label="Notifications">
        <div role="status" aria-live="polite">
          {list.filter((each) => each.tone !== "bad").map((each) => <One key={each.id} toast={each} />)}
        </div>
        <div role="alert" aria-live="assertive">
          {list.filter((each) => each.tone === "bad").map((each) => <One key={each.id} toast={each} />)}
        </div>
      </section>
    </>
  );
}

const ICONS = { ok: CheckCircle2, bad: XCircle, info: Info };

function One({ toast: { id, tone, text, action } }: { toast: Toast }) {
  useEffect(() => {
    if (tone === "bad") return;
    const timer = setTimeout(() => {
      drop(id);
    }, action ? 8000 : 4500);
    return () => {
      clearTimeout(timer);
    };
  }, [id, tone, action]);
  const Icon = ICONS[tone];
  return (
    <div className={classes.toast} data-tone={tone}>
      <Icon size={16} aria-hidden="true" />
      <span className={classes.text}>{text}</span>
      {action ? (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            action.run();
            drop(id);
          }}
        >
          {action.title}
        </Button>
      ) : null}
      <ActionIcon size={24} aria-label="Dismiss" onClick={() => { drop(id); }}>
        <X size={14} />
      </ActionIcon>
    </div>
  );
}
