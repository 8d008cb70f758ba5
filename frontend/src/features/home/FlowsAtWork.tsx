/** The flows that run, each with its last hour. */
import { useQuery } from "@tanstack/react-query";
import { monitorQuery } from "@/lib/api/work";
import { HEALTH, PARTS } from "@/ui/health";
import { delivered } from "@/lib/stretches";
import { Mark } from "@/ui/Mark";
import { Sparkline } from "@/ui/Sparkline";
import { Loaded } from "@/ui/States";
import { Work } from "@/features/home/Work";
import classes from "@/features/home/Home.module.css";

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
            key: each.flow, to: `/flows/${each.flow}`, title: each.name, sub: each.state === "running" || each.health === "off" ? each.health_sentence : each.sentence || each.health_sentence,
            aside: (
              <>
                {now.answers ? <Sparkline values={delivered(each.points, now, PARTS.hour[0])} label="Delivered in the last hour" each={PARTS.hour[1]} /> : null}
                <span className={classes.health}><Mark tone={HEALTH[each.health][0]}>{HEALTH[each.health][1]}</Mark></span>
              </>
            ),
          }))}
        />
      )}
    </Loaded>
  );
}
