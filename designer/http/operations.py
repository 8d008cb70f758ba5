"""Routes of operations: the monitor, the exception queue by cause, cases and replays."""

from __future__ import annotations

from designer import case_pages, exceptions, monitor, replays
from designer.context import caller, here
from designer.http.models import operations as shapes
from designer.http.routes import Noun

api = Noun("operations")


@api.on("GET", "/monitor", needs="monitor.read", gives=shapes.Monitor)
def read_monitor(query: shapes.MonitorQuery) -> shapes.Monitor:
    """Flows as they run, with live counters."""
    return monitor.page(here(), query)


@api.on("GET", "/exceptions", needs="case.read", gives=shapes.Exceptions)
def list_exceptions(query: shapes.ExceptionsQuery) -> shapes.Exceptions:
    """What waits for a person, by cause, the gravest first."""
    return exceptions.groups(here(), caller(), query)


@api.on("GET", "/exceptions/<group>", needs="case.read", gives=shapes.Cause)
def read_exception(path: shapes.CausePath) -> shapes.Cause:
    """One cause: what happened, what it holds up, what ends it."""
    return exceptions.cause(here(), caller(), path.group)


@api.on("POST", "/exceptions/<group>/replay", needs="case.replay", gives=shapes.ReplayAnswer)
def replay_exception(path: shapes.CausePath, body: shapes.ReplayWish) -> shapes.ReplayAnswer:
    """Run all cases of a cause again, or say what that would do. A line is posted once, however often it is asked."""
    return replays.replay(here(), caller(), group=path.group, dry_run=body.dry_run)


@api.on("GET", "/replays", needs="case.read", gives=shapes.ReplayProgress)
def read_replay(query: shapes.ReplayedQuery) -> shapes.ReplayProgress:
    """What became of a replay: how many of its lines are posted, and why the others are not."""
    return replays.progress(here(), query)


@api.on("POST", "/exceptions/<group>/assign", needs="case.assign", gives=shapes.Cause)
def assign_exception(path: shapes.CausePath, body: shapes.Assignment) -> shapes.Cause:
    """Take a cause on, or give it up."""
    return exceptions.assign(here(), caller(), path.group, body)


@api.on("GET", "/cases/<number>", needs="case.read", gives=shapes.Case)
def read_case(path: shapes.CasePath) -> shapes.Case:
    """One case: what failed, where, what the step had before it, and what ends it."""
    return case_pages.page(here(), caller(), path.number)


@api.on("POST", "/cases/<number>/replay", needs="case.replay", gives=shapes.ReplayAnswer)
def replay_case(path: shapes.CasePath, body: shapes.ReplayWish) -> shapes.ReplayAnswer:
    """Run one case again, or say what that would do."""
    return replays.replay(here(), caller(), number=path.number, dry_run=body.dry_run)


@api.on("POST", "/cases/<number>/close", needs=case_pages.CLOSE, gives=shapes.Case)
def close_case(path: shapes.CasePath, body: shapes.Closing) -> shapes.Case:
    """End a case without a posting, for a reason. What it holds stays as the record of what was not posted."""
    return case_pages.close(here(), caller(), path.number, body)
