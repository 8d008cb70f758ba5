"""A real browser in a real demo, by the short way; `make e2e` plays all of it."""

from __future__ import annotations

import pytest

from lockgate.demo.browser import NoBrowser
from lockgate.demo.house import Failed
from lockgate.tools.frontend import Lacking
from tests.e2e.run import play


@pytest.mark.xdist_group("browser")
def test_a_browser_signs_in_draws_a_flow_and_opens_the_desk() -> None:
    try:
        told = play("quick")
    except (NoBrowser, Lacking, Failed) as lacking:
        pytest.fail(str(lacking), pytrace=False)
    assert told["failures"] == [] and told["passed"] == 5
