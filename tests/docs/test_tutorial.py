"""The documents are true: every command of the tutorial runs as it stands, and every page they point to is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lockgate.demo.ports import free_ports

PROJECT = Path(__file__).resolve().parents[2]
DOCS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])


@pytest.mark.timeout(240)
def test_every_command_of_the_tutorial_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs" / "tutorial.md").read_text(), re.DOTALL)
    script = "set -eu\nset -o pipefail\n" + "\n".join(blocks[0:])
    script = script.replace(". .venv/bin/activate\n", "")
    mllp, erp = free_ports(2)
    script = script.replace("--port 2575", f"--port {mllp}").replace(" 18080 ", f" {erp} ")
    ports = f'sed -i \'s/"port": 2575/"port": {mllp}/; s/"port": 18080/"port": {erp}/\' work/supply/environment.json\n'
    script = script.replace("work/supply\n", f"work/supply\n{ports}", 1)
    (tmp_path / "flows").symlink_to(PROJECT / "flows")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=220,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "held: FT1[2] of message 1" in done.stdout and "master 'items' lacks: CAT ^ SCR-9" in done.stdout
    assert "Postings: 2 = 2 delivered + 0 parked + 0 in flight" in done.stdout
    assert "Holds. Authors ana; approved by mei, omar; activated by priya (1)." in done.stdout


def test_every_command_of_the_installation_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs" / "installation.md").read_text(), re.DOTALL)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", "set -eu\nset -o pipefail\n" + "\n".join(blocks)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "ERP_TOKEN": "invented"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "approval desk http://localhost:8081" in done.stdout
    assert "trust root 2 lists Omar Haddad (privacy)" in done.stdout
    secret = tmp_path / "site" / "runtime" / "secrets" / "connections" / "erp"
    assert secret.read_text() == "Bearer invented\n" and secret.stat().st_mode & 0o077 == 0
    assert (tmp_path / "site" / "trust.json").stat().st_mode & 0o022 == 0


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_every_command_that_exists_is_named_in_the_reference() -> None:
    from lockgate.cli.reference import reference

    assert (PROJECT / "docs" / "reference.md").read_text() == reference()
