"""Runs a desk: one gunicorn worker with threads. It prints one line once browsers may come."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from lockgate.desk.app import Desk, Settings, create_app
from runtime.kernel import kernel
from runtime.world import SystemClock

READY = "lockgate desk ready at"


class Server(BaseApplication):
    """Gunicorn without a command line and without a configuration file."""

    def __init__(self, settings: Settings, bind: str) -> None:
        self._settings, self._bind = settings, bind
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": 8,
            "timeout": 60,
            "graceful_timeout": 2,
            "keepalive": 15,
            "limit_request_line": 2048,
            "limit_request_fields": 64,
            "loglevel": "warning",
            "proc_name": "lockgate-desk",
            "control_socket_disable": True,
            "post_worker_init": self._ready,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return create_app(Desk(self._settings, kernel(), SystemClock()))

    def _ready(self, _worker: Any) -> None:
        print(f"{READY} {self._settings.origin}", flush=True)
