"""Ctrl-C ends the command quietly with 130, whenever it comes; a disk that takes no more is one line and 74."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lockgate.demo.house import LOCKGATE

# A shell that runs things in the background ignores SIGINT for them; a terminal does not.
LISTENING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
INTERRUPTED = f"""{LISTENING}
import os, signal, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Watch())
from lockgate.cli import main
main(["check", "nowhere.json"])
"""


@pytest.mark.parametrize(
    "module", ["lockgate.cli.commands", "typer", "flows.analysis", "cedarpy", "runtime.supervisor"]
)
def test_ctrl_c_while_a_module_is_imported_is_quiet(module: str) -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, module], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_while_a_command_runs_is_quiet(tmp_path: Path) -> None:
    script = (
        f"{LISTENING}import os, signal\n"
        "from lockgate.cli import commands, main\n"
        "commands.app.command('wait')(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "main(['wait'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "")


@pytest.mark.parametrize("line", [["--help"], ["--version"], ["check", "--help"], ["test", "flows/library/any-type"]])
def test_an_output_that_takes_no_more_is_one_line_and_74(line: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*LOCKGATE, *line], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 74 and done.stderr.count("\n") == 1 and "No space left" in done.stderr
