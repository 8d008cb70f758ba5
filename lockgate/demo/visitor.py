"""Somebody at the designer without a browser: the same requests that its pages make, as one of the demo's people."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

from lockgate.demo.house import Failed


class Given(NamedTuple):
    """An answer of the API."""

    status: int
    body: Any


class Visitor:
    """One tab. ``signed_in`` makes it somebody's."""

    def __init__(self, origin: str, tab: str = "demo") -> None:
        self._origin, self._tab = origin, tab
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))

    @classmethod
    def signed_in(cls, origin: str, person: str) -> Visitor:
        visitor = cls(origin, f"demo-{person}")
        visitor.post("/session/persona", {"person": person})
        return visitor

    def get(self, path: str) -> Any:
        return self.given("GET", path)

    def post(self, path: str, body: object = None, expect: int | None = None) -> Any:
        return self.given("POST", path, {} if body is None else body, expect)

    def put(self, path: str, body: object) -> Any:
        return self.given("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self.given("DELETE", path)

    def given(self, method: str, path: str, body: object = None, expect: int | None = None) -> Any:
        """What came back; Failed where the status is no success, or another than expected."""
        answer = self.ask(method, path, body)
        good = answer.status == expect if expect else answer.status < 300
        if not good:
            said = answer.body.get("sentence") if isinstance(answer.body, dict) else answer.body
            raise Failed(f"{method} {path} of the designer ended with {answer.status}: {said}")
        return answer.body

    def ask(self, method: str, path: str, body: object = None) -> Given:
        """One request. The origin is loopback's: it is the launcher's own designer."""
        headers = {"X-Lockgate": "1", "X-Lockgate-Tab": self._tab, "Origin": self._origin}
        data = None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(f"{self._origin}/api/v1{path}", data, headers, method=method)  # noqa: S310
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Given(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            return Given(error.code, _json(error.read()))
        except (OSError, urllib.error.URLError) as error:
            raise Failed(f"{method} {path}: the designer did not answer ({type(error).__name__})") from None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode("utf-8", "replace")[:200]
