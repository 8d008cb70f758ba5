"""What intake takes from a verified release, and what it refuses to listen with."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from flows.environment import Limits
from flows.vocabulary import Transport
from runtime.intake.plan import CannotListen, plan
from runtime.intake.source import Accepted
from runtime.secrets import SecretsUnusable
from tests.runtime.intake.child import release
from tests.runtime.intake.desk import message


class Kept(dict[str, bytes]):
    """Secrets in memory."""

    def get(self, name: str) -> bytes:  # type: ignore[override]  # reason: the store refuses what it does not have
        if name not in self:
            raise SecretsUnusable(f"{name} is missing")
        return self[name]


SECRETS = Kept()


def with_connection(**changed: Any) -> Any:
    """The release with another source connection."""
    found = release()
    environment = found.around.environment
    connection = environment.connections["or-system"].model_copy(update=changed)
    there = environment.model_copy(update={"connections": {"or-system": connection}})
    found.around = found.around._replace(environment=there)
    return found


def test_a_release_says_where_to_listen_with_which_limits_and_whom_to_answer() -> None:
    made = plan(release(limits=Limits(frame_bytes=4096, connections=3), port=2575), 7, SECRETS)
    assert (made.flow, made.release, made.number, made.connection) == ("supply", "ab" * 32, 7, "or-system")
    assert (made.host, made.port, made.label, made.limits.connections) == ("127.0.0.1", 2575, "synthetic", 3)
    assert isinstance(made.source.admit(message("C1")), Accepted)
    assert (made.repeat_days, plan(with_connection(repeat_days=30), 7, SECRETS).repeat_days) == (7, 30)


@pytest.mark.parametrize("host", ["10.0.0.5", "::", "192.168.0.1", "or.hospital.example"])
def test_loopback_protects_only_where_the_address_is_loopback(host: str) -> None:
    with pytest.raises(CannotListen, match="no loopback address"):
        plan(with_connection(host=host), 1, SECRETS)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_addresses_are_taken(host: str) -> None:
    assert plan(with_connection(host=host), 1, SECRETS).host == host


def test_a_transport_that_is_not_offered_is_refused() -> None:
    with pytest.raises(CannotListen) as refusal:
        plan(with_connection(transport=Transport.SSH), 1, SECRETS)
    assert refusal.value.reason == "transport"


@pytest.mark.parametrize("transport", [Transport.TLS, Transport.MTLS])
def test_tls_without_a_certificate_is_refused_and_never_weakened(transport: Transport) -> None:
    with pytest.raises(CannotListen, match="or-system-certificate") as refusal:
        plan(with_connection(transport=transport), 1, SECRETS)
    assert refusal.value.reason == "secret"


def test_a_token_is_kept_as_its_digest_and_a_short_one_is_refused() -> None:
    secrets = Kept(token=b"Bearer " + b"t" * 32)
    assert plan(with_connection(secret="token"), 1, secrets).token == hashlib.sha256(b"t" * 32).digest()
    with pytest.raises(CannotListen, match="no token"):
        plan(with_connection(secret="token"), 1, Kept(token=b"short"))


def test_a_flow_without_a_single_source_has_no_listener() -> None:
    found = release()
    found.flow = found.flow.model_copy(update={"steps": ()})
    with pytest.raises(CannotListen, match="0 sources"):
        plan(found, 1, SECRETS)
