"""Runs a designer: one gunicorn worker with threads, for sockets hold one each and drafts have one writer.

``python -m designer.serve SETTINGS`` takes a file of settings as JSON; it prints one line once browsers may come.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gunicorn.app.base import BaseApplication
from pydantic import ValidationError

from designer.app import begin, create_app, designer_of
from designer.settings import Settings

READY = "lockgate designer ready at"


class _Server(BaseApplication):
    """Gunicorn without a command line and without a configuration file."""

    def __init__(self, settings: Settings, bind: str) -> None:
        self._settings, self._bind = settings, bind
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.threads,
            "timeout": 60,
            "graceful_timeout": 2,
            "keepalive": 15,
            "limit_request_line": 8190,
            "limit_request_fields": 64,
            "loglevel": "warning",
            "proc_name": "lockgate-designer",
            "control_socket_disable": True,
            "post_worker_init": self._ready,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        designer = designer_of(self._settings)
        app = create_app(designer)
        begin(designer)
        return app

    def _ready(self, _worker: Any) -> None:
        limit_collector()
        print(f"{READY} {self._settings.origin}", flush=True)  # noqa: T201


def limit_collector() -> None:
    """What was read at the start stays for good, and no request waits for the collector to walk through it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def serve(settings: Settings) -> None:
    """Serves until it is stopped. Listens on loopback; beyond that a proxy with TLS stands before it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    where = urlsplit(settings.origin)
    port = settings.port or where.port or (443 if settings.secure else 80)
    _Server(settings, f"{settings.listen}:{port}").run()


def main(arguments: Sequence[str]) -> int:
    """Serves by a file of settings."""
    if len(arguments) != 1:
        print("designer: name one file of settings.", file=sys.stderr)  # noqa: T201
        return 2
    try:
        settings = Settings.model_validate_json(Path(arguments[0]).read_bytes())
    except (OSError, ValidationError) as error:
        print(f"designer: {arguments[0]} cannot be used: {type(error).__name__}.", file=sys.stderr)  # noqa: T201
        return 2
    serve(settings)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
