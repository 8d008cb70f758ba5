/** The flows that run, each with its last hour. */
import { useQuery } from "@tanstack/react-query";
import { monitorQuery, type FlowNow } from "@/lib/api/work";
import { number } from "@/lib/words";
import { Mark, type Tone } from "@/ui/Mark";
import { Sparkline } from "@/ui/Sparkline";
import { Loaded } from "@/ui/States";
import { Work } from "@/features/home/Work";

const HEALTH: Record<FlowNow["health"], readonly [Tone, string]> = { well: ["ok", "Well"], "held-up": ["warn", "Held up"], failing: ["bad", "Failing"], stopped: ["paused", "Stopped"] };

export function FlowsAtWork() {
  const query = useQuery(monitorQuery("hour"));
  return (
    <Loaded query={query} what="The flows that run" rows={3}>
      {(now) => (
        <Work
          title="Flows at work"
          all="/monitor"
          none={now.answers ? "No flow is live. A flow runs once it is approved and activated." : now.sentence}
          items={now.flows.map((each) => ({
            key: each.flow, to: `/flows/${each.flow}`, title: each.name, sub: each.state === "running" ? each.health_sentence : each.sentence || each.health_sentence,
            aside: (
              <>
                {each.points.length > 0 ? <Sparkline values={each.points.map((point) => point.counts.delivered)} label={`Delivered in the last hour, ${number(each.minute.delivered)} in the last minute`} /> : null}
                <Mark tone={HEALTH[each.health][0]}>{HEALTH[each.health][1]}</Mark>
              </>
            ),
          }))}
        />
      )}
    </Loaded>
  );
}
