"""`make bench` says in one line what it lacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def bench(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.run", "--dry"],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_without_the_harness_it_ends_with_2_and_names_the_variable(tmp_path: Path) -> None:
    done = bench(LOCKGATE_BENCH=str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and "LOCKGATE_BENCH" in done.stderr


def test_without_a_c_compiler_it_ends_with_2_and_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "bench.py").touch()
    done = bench(LOCKGATE_BENCH=str(tmp_path), PATH=str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1 and "C compiler" in done.stderr
