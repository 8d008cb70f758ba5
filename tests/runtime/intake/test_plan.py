"""What intake takes from a verified release, and what it refuses to listen with."""

from __future__ import annotations

from typing import Any

import pytest

from flows.environment import Limits
from flows.vocabulary import Transport
from runtime.intake.plan import CannotListen, plan
from runtime.intake.source import Accepted
from tests.runtime.intake.child import release
from tests.runtime.intake.desk import message


def with_connection(**changed: Any) -> Any:
    """The release with another source connection."""
    found = release()
    environment = found.around.environment
    connection = environment.connections["or-system"].model_copy(update=changed)
    there = environment.model_copy(update={"connections": {"or-system": connection}})
    found.around = found.around._replace(environment=there)
    return found


def test_a_release_says_where_to_listen_with_which_limits_and_whom_to_answer() -> None:
    made = plan(release(limits=Limits(frame_bytes=4096, connections=3), port=2575), 7)
    assert (made.flow, made.release, made.number, made.connection) == ("supply", "ab" * 32, 7, "or-system")
    assert (made.host, made.port, made.label, made.limits.connections) == ("127.0.0.1", 2575, "synthetic", 3)
    assert isinstance(made.source.admit(message("C1")), Accepted)


@pytest.mark.parametrize("host", ["10.0.0.5", "::", "192.168.0.1", "or.hospital.example"])
def test_loopback_protects_only_where_the_address_is_loopback(host: str) -> None:
    with pytest.raises(CannotListen, match="no loopback address"):
        plan(with_connection(host=host), 1)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_addresses_are_taken(host: str) -> None:
    assert plan(with_connection(host=host), 1).host == host


@pytest.mark.parametrize("transport", [Transport.TLS, Transport.MTLS, Transport.SSH])
def test_a_transport_that_is_not_offered_is_refused_and_never_weakened(transport: Transport) -> None:
    with pytest.raises(CannotListen) as refusal:
        plan(with_connection(transport=transport), 1)
    assert refusal.value.reason == "transport"


def test_a_flow_without_a_single_source_has_no_listener() -> None:
    found = release()
    found.flow = found.flow.model_copy(update={"steps": ()})
    with pytest.raises(CannotListen, match="0 sources"):
        plan(found, 1)
