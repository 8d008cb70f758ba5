"""A browser for tests and screenshots: the system's, else Debian's package, else the one that npm carries.

``python -m lockgate.demo.browser`` prints as JSON where it is and with which flags it starts; one line and exit 2 where
none can be had.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from lockgate.tools.frontend import Lacking, node_home

NAMED = "LOCKGATE_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
CARRIED, CARRIED_VERSION = "@sparticuz/chromium", "153.0.0"
LACKING = f"No browser was found, and none could be installed: install chromium, or name its binary in {NAMED}."
KEPT = Path(sys.prefix) / "browser"
FLAGS = ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio")


class NoBrowser(Exception):
    """None can be had; one line."""


class Browser(NamedTuple):
    """A chromium, and how it is started here."""

    path: str
    flags: tuple[str, ...]


def find(*, install: bool = True) -> Browser:
    """The browser of this machine; installs one where there is none. NoBrowser where that fails."""
    path = _named() or _installed()
    if not path and install:
        path = _from_debian() or _from_npm()
    if not path:
        raise NoBrowser(LACKING)
    return Browser(path, flags())


def flags() -> tuple[str, ...]:
    """Without a screen; root has no sandbox in chromium."""
    return (*FLAGS, *(("--no-sandbox",) if os.geteuid() == 0 else ()))


def _named() -> str | None:
    path = os.environ.get(NAMED)
    if path and not os.access(path, os.X_OK):
        raise NoBrowser(f"{NAMED} names {path}, which cannot be run.")
    return path


def _installed() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _from_debian() -> str | None:
    """The package of Debian; only root may install it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for line in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", "chromium")):
        try:
            subprocess.run(["apt-get", *line], env=quiet, check=True, capture_output=True, timeout=300)  # noqa: S603, S607  reason: the system's own
        except (OSError, subprocess.SubprocessError):
            return None
    return _installed()


def _from_npm() -> str | None:
    """The browser in an npm package, unpacked once into the virtual environment."""
    try:
        home = node_home()
    except Lacking:
        return None
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    unpack = f'import c from "{CARRIED}"; console.log(await c.executablePath())'
    KEPT.mkdir(parents=True, exist_ok=True)
    wanted: list[str | Path] = [
        node,
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--prefix",
        KEPT,
        f"{CARRIED}@{CARRIED_VERSION}",
    ]
    surroundings = {
        **os.environ,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "TMPDIR": str(KEPT),
    }
    try:
        subprocess.run(wanted, env=surroundings, check=True, capture_output=True, timeout=300)  # noqa: S603  reason: Node of our own lock
        done = subprocess.run(  # noqa: S603  reason: as above
            [node, "--input-type=module", "-e", unpack],
            cwd=KEPT,
            env=surroundings,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def main() -> int:
    """Says where the browser is."""
    try:
        found = find()
    except NoBrowser as none:
        print(f"lockgate: {none}", file=sys.stderr)
        return 2
    print(json.dumps(found._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
