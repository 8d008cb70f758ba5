"""The designer as a process: gunicorn, real sockets, and an end that leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed, ConnectionError

from tests.designer.office import Office

PATIENCE_S = 60
"""A busy machine is slow; only a hanging one is wrong."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Peer(Client):
    """A socket that names the port of its host, as browsers do."""

    def handshake(self) -> None:
        self.host = f"{self.host}:{self.port}"
        super().handshake()


class Served:
    """A running designer of a demo's office, and one person who is signed in."""

    def __init__(self, folder: Path) -> None:
        office = Office(folder / "office")
        office.close()
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        settings = office.settings.model_copy(update={"origin": self.origin, "data": folder / "data", "threads": 24})
        file = folder / "settings.json"
        file.write_text(settings.model_dump_json())
        command = [sys.executable, "-m", "designer.serve", str(file)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.cookie = ""

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Host": f"localhost:{self.port}", "X-Lockgate": "1", "Cookie": self.cookie}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, f"/api/v1{path}", json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        if answer.getheader("Set-Cookie"):
            self.cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
        data = answer.read()
        connection.close()
        return answer.status, json.loads(data) if data else None

    def socket(self, cookie: str | None = None, origin: str | None = None) -> Peer:
        headers = {"Cookie": self.cookie if cookie is None else cookie, "Origin": origin or self.origin}
        return Peer(f"ws://localhost:{self.port}/socket.io/?EIO=4&transport=websocket", headers=headers)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(tmp_path)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


def hear(peer: Peer, start: str) -> str:
    """The next frame that begins so."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        frame = str(peer.receive(timeout=PATIENCE_S))
        if frame.startswith(start):
            return frame
    raise AssertionError(f"nothing that begins with {start}")


def test_a_browser_signs_in_follows_a_draft_and_hears_of_a_save(served: Served) -> None:
    assert served.first_line.strip() == f"lockgate designer ready at {served.origin}"
    assert served.ask("POST", "/session/persona", {"person": "ana"})[0] == 200
    status, draft = served.ask("POST", "/drafts", {"name": "Implant use", "from": {"blank": True}})
    assert status == 201
    peer = served.socket()
    hear(peer, "0")
    peer.send("40")
    hear(peer, "40")
    peer.send(f'420["follow-draft",{{"id":"{draft["id"]}"}}]')
    assert '"ok":true' in hear(peer, "430")
    document = {**draft["document"], "name": "Another name"}
    status, saved = served.ask("PUT", f"/drafts/{draft['id']}", {"revision": 1, "document": document})
    assert (status, saved["revision"]) == (200, 2)
    frame = hear(peer, '42["draft"')
    assert '"revision":2' in frame
    assert "Another name" not in frame
    assert served.ask("DELETE", "/session")[0] == 204
    with pytest.raises(ConnectionClosed):
        for _ in range(5):
            peer.receive(timeout=PATIENCE_S)
            peer.send('421["follow-inbox",{}]')
    assert served.stop() == 0


@pytest.mark.parametrize("wrong", ["origin", "cookie"])
def test_a_forged_socket_is_not_opened(served: Served, wrong: str) -> None:
    served.ask("POST", "/session/persona", {"person": "ana"})
    with pytest.raises(ConnectionError):
        served.socket(
            cookie="lockgate-1=forged" if wrong == "cookie" else None,
            origin="http://evil.example" if wrong == "origin" else None,
        ).receive(timeout=PATIENCE_S)


def test_a_file_of_settings_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('{"data": 1}')
    for name in ("wrong.json", "none.json"):
        done = subprocess.run(
            [sys.executable, "-m", "designer.serve", str(tmp_path / name)], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert name in done.stderr


def test_what_was_read_at_the_start_is_never_walked_through_by_the_collector() -> None:
    """In a process of its own: the limits hold for all that runs in it."""
    said = "from designer.serve import limit_collector; import gc; limit_collector()"
    told = f"{said}; print(gc.get_threshold()[0], gc.get_freeze_count() > 10_000)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["50000", "True"]
