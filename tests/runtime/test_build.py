"""The digest of a build hangs on every file of the kernel, the runtime and the catalogue alone."""

from __future__ import annotations

from pathlib import Path

from runtime.build import build_digest, digest_of


def home(tmp_path: Path) -> Path:
    for name in (
        "flows/a.py",
        "flows/policies/p.cedar",
        "runtime/b.py",
        "runtime/journal/schema.sql",
        "nodes/catalogue.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_every_file_counts_and_so_does_its_name(tmp_path: Path) -> None:
    place = home(tmp_path)
    seen = {digest_of(place)}
    for path in sorted(place.rglob("*.*")):
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        seen.add(digest_of(place))
        path.write_bytes(before)
        path.rename(path.with_suffix(".txt"))
        seen.add(digest_of(place))
        path.with_suffix(".txt").rename(path)
    assert len(seen) == 11


def test_compiled_files_node_kinds_and_other_packages_do_not_count(tmp_path: Path) -> None:
    place = home(tmp_path)
    before = digest_of(place)
    for name in ("flows/__pycache__/a.cpython-311.pyc", "designer/x.py", "nodes/sinks/y.py"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    assert digest_of(place) == before


def test_where_the_packages_stand_does_not_count(tmp_path: Path) -> None:
    assert digest_of(home(tmp_path / "one")) == digest_of(home(tmp_path / "two"))


def test_this_build_has_a_digest() -> None:
    assert len(build_digest()) == 64
