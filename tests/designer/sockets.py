"""A socket of a signed-in person, for tests."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from flask_socketio import SocketIOTestClient

from tests.designer.office import ORIGIN, Browser, Office


class Socket:
    """One tab's socket; ``heard`` gives what came since it was last asked."""

    def __init__(self, office: Office, person: str | None, tab: str = "first", browser: Browser | None = None) -> None:
        self.browser = browser or (office.signed_in(person, tab) if person else office.browser(tab))
        self.client: SocketIOTestClient = office.designer.live.io.test_client(
            office.app,
            flask_test_client=self.browser.client,
            auth={"tab": tab},
            headers={"Origin": ORIGIN, "Host": ORIGIN.partition("://")[2]},
        )

    @property
    def open(self) -> bool:
        return bool(self.client.is_connected())

    def say(self, event: str, body: Any = None) -> Any:
        """What the server answers to an event."""
        return self.client.emit(event, body if body is not None else {}, callback=True)

    def heard(self, event: str) -> list[Any]:
        """The bodies of the hints of that name since the last time."""
        return [each["args"][0] for each in self.client.get_received() if each["name"] == event]

    def __enter__(self) -> Socket:
        assert self.open
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.open:
            self.client.disconnect()
