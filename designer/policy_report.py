"""The policy report of a release: every rule, what it said, and the findings behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from designer.http.models.reviews import RuleLine
from flows.findings import Finding
from flows.policyset import builtin
from flows.policytext import Rule
from flows.release import Manifest

_RANK = {"broken": 0, "waived": 1, "holds": 2, "not-asked": 3}


def report(known: Manifest, findings: Sequence[Finding]) -> tuple[RuleLine, ...]:
    """The rules of the set that judged a release, those that were broken first."""
    results = known.verdict["results"]
    actions = Counter(result["action"] for result in results)
    permitted = Counter(rule for result in results for rule in result["permits"])
    broken = Counter(rule for result in results for rule in result["forbids"])
    waived = {rule for result in results for rule in result["waived"]} & {each.rule for each in known.waivers}
    lines = []
    for rule in builtin().rules.values():
        own = tuple(finding for finding in findings if finding.rule == rule.id)
        asked = permitted[rule.id] if rule.effect == "permit" else sum(actions[action] for action in rule.actions)
        result = _result(rule, asked, bool(broken[rule.id] or (own and rule.effect == "forbid")), rule.id in waived)
        lines.append(
            RuleLine.model_validate(
                {
                    "id": rule.id,
                    "title": rule.title,
                    "severity": str(rule.severity),
                    "effect": rule.effect,
                    "why": rule.why,
                    "owner": rule.owner,
                    "result": result,
                    "asked": asked,
                    "findings": own,
                }
            )
        )
    return tuple(sorted(lines, key=lambda line: (_RANK[line.result], line.id)))


def _result(rule: Rule, asked: int, broken: bool, waived: bool) -> str:
    if waived:
        return "waived"
    if broken:
        return "broken"
    return "holds" if asked else "not-asked"
