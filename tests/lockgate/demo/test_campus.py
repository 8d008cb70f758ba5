"""The demo's installation."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from flows.surroundings import load_surroundings
from lockgate.demo import browser, desktop, ward
from lockgate.demo.campus import FILE, LIVE, NEXT, SPARE, Campus, Plan, free_from
from lockgate.demo.main import main


def test_a_port_that_somebody_has_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_from(port, set()) < port + 200
        assert free_from(port, {port + 1}) > port + 1


def test_one_environment_holds_every_connection_that_the_flows_name(tmp_path: Path) -> None:
    campus = Campus(tmp_path)
    campus.ssh.make()
    campus._draw()
    around = load_surroundings(campus.environment.read_bytes(), lambda name: (campus.drawn / name).read_bytes())
    named = {
        step["connection"]
        for flow in LIVE
        for step in json.loads((campus.drawn / f"{flow}.json").read_text())["steps"]
        if "connection" in step
    }
    assert named | {NEXT, SPARE} == set(around.environment.connections)
    ports = [each.port for each in around.environment.connections.values()]
    assert len(set(ports)) == len(ports)


def test_a_demo_that_another_version_made_is_set_aside_whole_and_a_new_one_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []
    monkeypatch.setattr("lockgate.demo.main._live", lambda folder, port: begun.append(folder) or 0)
    for number, text in enumerate((Plan(build="0" * 64).model_dump_json(), '{"format": "lockgate/demo/0"}'), 1):
        folder = tmp_path / "demo"
        folder.mkdir(exist_ok=True)
        (folder / FILE).write_text(text)
        assert main(smoke=False, data=folder) == 0
        assert begun.pop() == folder
        assert not any(folder.iterdir())
        assert (tmp_path / f"demo.{number}" / FILE).read_text() == text
        assert f"it lies in {tmp_path / f'demo.{number}'} now" in capsys.readouterr().out


def test_a_demo_of_another_version_that_still_runs_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        (tmp_path / FILE).write_text(Plan(build="0" * 64, ports={"x": listener.getsockname()[1]}).model_dump_json())
        assert main(smoke=False, data=tmp_path) == 2
    assert (tmp_path / FILE).is_file()
    assert "end that one first" in capsys.readouterr().err


def test_a_demo_of_this_version_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lockgate.demo.main._live", lambda folder, port: 0)
    (tmp_path / FILE).write_text(Plan().model_dump_json())
    assert main(smoke=False, data=tmp_path) == 0
    assert (tmp_path / FILE).is_file()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main(smoke=False, data=tmp_path) == 2
    assert main(smoke=True, data=tmp_path) == 2


def test_a_step_is_taken_out_and_its_wires_heal() -> None:
    document = {
        "steps": [{"id": "a"}, {"id": "mask"}, {"id": "b"}],
        "wires": [{"from": "a.out", "to": "mask.in"}, {"from": "mask.out", "to": "b.in"}],
        "layout": {"a": [0, 0], "mask": [1, 1]},
    }
    healed = desktop.without(document, "mask")
    assert [step["id"] for step in healed["steps"]] == ["a", "b"]
    assert healed["wires"] == [{"from": "a.out", "to": "b.in"}] and healed["layout"] == {"a": [0, 0]}


def test_there_is_a_file_to_drop_for_every_kind_of_message(tmp_path: Path) -> None:
    folder = desktop.samples(tmp_path / "samples")
    assert sorted(each.name for each in folder.iterdir()) == ["day-surgery.hl7", "theatres.hl7", "ward.json"]
    assert (folder / "day-surgery.hl7").read_bytes() == desktop.sample().encode()


def test_no_bundle_of_the_ward_is_like_another_and_few_are_faulty() -> None:
    sender = ward.Ward(4, "W1")
    bundles = [sender.next() for _ in range(400)]
    assert len({each["identifier"]["value"] for each in bundles}) == 400
    faulty = sum(ward.UNKNOWN in json.dumps(each) for each in bundles)
    assert 2 <= faulty <= 30


def test_no_browser_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(browser.NAMED, str(tmp_path / "none"))
    with pytest.raises(browser.NoBrowser, match="cannot be run"):
        browser.find()
    monkeypatch.delenv(browser.NAMED)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(browser.NoBrowser) as none:
        browser.find(install=False)
    assert "\n" not in str(none.value)


def test_root_starts_a_browser_without_its_sandbox_and_others_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "--no-sandbox" in browser.flags()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--no-sandbox" not in browser.flags()
