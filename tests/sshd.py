"""OpenSSH's own sshd on a loopback port: the real counterpart of everything that goes by SFTP.

It is taken from the system where it is installed. Else, on Debian, its packages are unpacked into the virtual
environment, without root and without installing anything. Run by root it gives up its rights to ``nobody`` first.
"""

from __future__ import annotations

import base64
import fcntl
import getpass
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lockgate.demo.ports import free_ports

UNPACKED = Path(sys.prefix) / "openssh"
PACKAGES = ("openssh-server", "libwrap0")
LACKING = "SFTP needs OpenSSH's sshd as a counterpart: install openssh-server, or name its binary in LOCKGATE_SSHD."
_CONFIG = """Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM {pam}
StrictModes no
PidFile none
MaxStartups 100
{more}
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {folder}/home {options}
"""


class Binary:
    """An sshd, and where its libraries are if not where the system looks."""

    def __init__(self, path: Path, libraries: tuple[Path, ...] = ()) -> None:
        self.path = path
        self.environment = {"LD_LIBRARY_PATH": ":".join(map(str, libraries))} if libraries else {}


def found() -> Binary:
    """The sshd of this machine; RuntimeError with one sentence where there is none and none can be had."""
    named = os.environ.get("LOCKGATE_SSHD")
    installed = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if named or installed:
        return Binary(Path(named or installed or ""))
    binary = UNPACKED / "usr" / "sbin" / "sshd"
    if not binary.exists():
        _unpack()
    return Binary(binary, tuple(UNPACKED.glob("**/lib/*-linux-gnu")))


def _unpack() -> None:
    UNPACKED.mkdir(parents=True, exist_ok=True)
    with (UNPACKED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes may want it at once
        if (UNPACKED / "usr" / "sbin" / "sshd").exists():
            return
        try:
            subprocess.run(["apt-get", "download", *PACKAGES], cwd=UNPACKED, check=True, capture_output=True)
            for package in UNPACKED.glob("*.deb"):
                subprocess.run(["dpkg", "-x", package, UNPACKED], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            raise RuntimeError(LACKING) from None


class Sshd:
    """One server with its folder: ``home`` is where files arrive, ``key`` is the user's, ``pin`` the host's."""

    def __init__(self, more: str = "", largest_kib: int | None = None, options: str = "") -> None:
        """``largest_kib`` is as large as a file may become: beyond it the server's disk is as good as full.
        ``options`` are those of its SFTP part: ``-P posix-rename`` denies a request."""
        # not in a folder of pytest: it takes all others' rights from that whenever a run begins
        self.folder = Path(tempfile.mkdtemp(prefix="lockgate-sshd-"))
        folder, self.home = self.folder, self.folder / "home"
        folder.chmod(0o711)
        self.port = free_ports(1)[0]
        self.user = "nobody" if os.geteuid() == 0 else getpass.getuser()
        self._more, self._options = more, options
        self._binary, self._largest = found(), largest_kib
        self._process: subprocess.Popen[bytes] | None = None
        self.incoming = self.home / "incoming"
        self.incoming.mkdir(parents=True)
        self.new_host_key()
        _keygen(folder / "user")
        (folder / "authorized").write_bytes((folder / "user.pub").read_bytes())
        (folder / "config").write_text(self._config())
        self._give_away()

    @property
    def key(self) -> bytes:
        return (self.folder / "user").read_bytes()

    @property
    def pin(self) -> str:
        blob = base64.b64decode((self.folder / "host.pub").read_text().split()[1])
        return hashlib.sha256(blob).hexdigest()

    def files(self) -> dict[str, bytes]:
        """What was laid down, without what is still being written."""
        return {each.name: each.read_bytes() for each in self.incoming.iterdir() if not each.name.startswith(".")}

    def partial(self) -> list[str]:
        return [each.name for each in self.incoming.iterdir() if each.name.startswith(".")]

    def new_host_key(self) -> None:
        for each in ("host", "host.pub"):
            (self.folder / each).unlink(missing_ok=True)
        _keygen(self.folder / "host")
        self._give_away()

    def start(self) -> None:
        """Starts it and waits until it listens."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                stderr=log,
                env=self._binary.environment,
                user=self.user if os.geteuid() == 0 else None,
                start_new_session=True,
            )
        until = time.monotonic() + 10
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"sshd does not start: {(self.folder / 'log').read_text()[-400:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """kill -9 of the server and of its sessions: what it was doing breaks off."""
        process, self._process = self._process, None
        if process is None:
            return
        for session in _children(process.pid):
            _killed(session)
        _killed(process.pid)
        process.wait()

    def break_sessions(self) -> None:
        """kill -9 of the sessions; the server goes on."""
        if self._process is not None:
            for session in _children(self._process.pid):
                _killed(session)

    def _command(self) -> list[str]:
        command = [str(self._binary.path), "-D", "-e", "-f", str(self.folder / "config")]
        if self._largest is None:
            return command
        return ["sh", "-c", f"trap '' XFSZ; ulimit -f {self._largest * 2}; exec \"$@\"", "sh", *command]

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _config(self) -> str:
        # without root PAM alone can say that the account is not locked; it is nobody's login but this test's
        return _CONFIG.format(port=self.port, folder=self.folder, pam="yes", more=self._more, options=self._options)

    def _give_away(self) -> None:
        if os.geteuid() == 0:
            uid = pwd.getpwnam(self.user).pw_uid
            for each in (self.folder, *self.folder.rglob("*")):
                os.chown(each, uid, -1, follow_symlinks=False)


def _keygen(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True, capture_output=True)


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found += [int(entry.name), *_children(int(entry.name))]
    return found


def _killed(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def sshd(more: str = "", largest_kib: int | None = None, options: str = "") -> Iterator[Sshd]:
    """A running server."""
    server = Sshd(more, largest_kib, options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
