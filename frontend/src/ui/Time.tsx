/** A moment: how long ago, with the exact local and UTC time behind it. */
import { useEffect, useState } from "react";
import { ago, dayOf, moment as momentOf, timeOfDay } from "@/lib/words";

interface TimeProps {
  /** ISO text or milliseconds. */
  at: string | number;
  /** `ago` (default), `clock` (07:14:02, with the day where it is not today) or `full` (22 Nov 2026 07:14:02). */
  form?: "ago" | "clock" | "full";
}

export function Time({ at, form = "ago" }: TimeProps) {
  const moment = new Date(at);
  const now = useNow(form === "ago");
  if (Number.isNaN(moment.getTime())) return <span className="muted">unknown time</span>;
  const full = `${dayOf(moment)} ${timeOfDay(moment)}`;
  const text = form === "ago" ? ago(moment, now) : form === "clock" ? momentOf(moment, now) : full;
  return (
    <time className="num" dateTime={moment.toISOString()} title={`${full} (${moment.toISOString().slice(0, 19)} UTC)`}>
      {text}
    </time>
  );
}

function useNow(ticks: boolean): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (!ticks) return;
    const timer = setInterval(() => {
      setNow(new Date());
    }, 30_000);
    return () => {
      clearInterval(timer);
    };
  }, [ticks]);
  return now;
}
