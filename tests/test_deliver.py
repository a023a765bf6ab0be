"""Delivery as a whole: settings refused, copies elsewhere, marks, and no secret anywhere."""

from __future__ import annotations

import json
import tomllib
import traceback
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from archive_of_reports import put, put_failure
from mail_server import mail_server
from pydantic import ValidationError

from cxanalysis.config import Deliver, StudyConfig, read_config
from cxanalysis.deliver import deliver
from cxanalysis.errors import StudyError
from cxanalysis.places import place
from cxanalysis.report.hold import held

MAIL = {"host": "localhost", "sender": "a@acme.example", "to": ["b@acme.example"]}
SECRET = "hunter2-never-to-be-seen"


@pytest.mark.parametrize(
    ("mail", "problem"),
    [
        ({"password": SECRET}, "unknown key 'deliver.mail.password'. Did you mean 'password_env'"),
        ({"password_env": f"{SECRET}!", "user": "me"}, "not the name of an environment variable"),
        ({"user": "me"}, "user and password_env go together"),
        ({"to": ["Ann <ann@acme.example>"]}, "not a mail address"),
        ({"to": ["a@b.example\r\nBcc: c@d.example"]}, "not a mail address"),
        ({"segments": {"a=b": ["nobody"]}}, "not a mail address"),
        ({"to": []}, "nobody is named"),
        (
            {"to": [], "segments": {"a=b": ["nobody@acme.example"]}},
            "nobody would hear of a failure",
        ),
        (
            {"host": "mail.acme.example", "security": "none", "user": "me", "password_env": "A"},
            "a password would cross the network readable",
        ),
        ({"host": "a b"}, "should match pattern"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused_without_repeating_them(
    tmp_path: Path, mail: dict[str, Any], problem: str
) -> None:
    lines = [f"{key} = {json.dumps(value)}" for key, value in (MAIL | mail).items()]
    if "segments" in mail:
        lines = [line for line in lines if not line.startswith("segments")]
        lines += ["[deliver.mail.segments]", f'"a=b" = {json.dumps(mail["segments"]["a=b"])}']
    head = 'name = "x"\n[tables.surveys]\npath = "a.csv"\n[deliver.mail]\n'
    path = tmp_path / "study.toml"
    path.write_text(head + "\n".join(lines), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_config(path)
    assert problem in str(caught.value)
    told = "".join(traceback.format_exception(caught.value))
    for hidden in (SECRET, "ann@", "c@d"):
        assert hidden not in told


@pytest.mark.parametrize(
    "content",
    [
        {"webhook": {}},
        {"webhook": {"url": "https://a.example", "url_env": "A"}},
        {"webhook": {"url": "http://a.example/x"}},
        {"link": "javascript:alert(1)"},
        {"folder": "reports"},
    ],
    ids=str,
)
def test_ways_that_cannot_work_are_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Deliver.model_validate(content)


def test_a_study_that_names_no_way_delivers_nothing(tmp_path: Path) -> None:
    folder = put(tmp_path, "cx_report", "2026-10")
    before = sorted(folder.iterdir())
    config = StudyConfig.model_validate({"name": "x", "tables": {}}).deliver
    assert deliver(folder, config).sent == ()
    assert sorted(folder.iterdir()) == before


@pytest.fixture(params=["disk", "storage"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "copies") if request.param == "disk" else f"memory://{uuid4()}/copies"


def test_a_report_is_copied_whole_and_a_failure_is_not(tmp_path: Path, target: str) -> None:
    config = Deliver.model_validate({"folder": target})
    folder = put(tmp_path / "reports", "cx_report", "2026-10", "region=east")
    failed = put_failure(tmp_path / "reports", "cx_report", "2026-10")
    (folder / "tables").mkdir()
    (folder / "tables" / "stages.csv").write_text("stage\nuse\n", encoding="utf-8")
    assert [s.outcome for s in deliver(folder, config).sent] == ["sent"]
    assert deliver(failed, config).sent == ()
    table = "cx_report/2026-10/region=east/tables/stages.csv"
    assert place(target).read([table]) == {table: b"stage\nuse\n"}
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    assert "delivered.json" in names  # beside the report, not in its copy
    copied = [name.rpartition("/")[2] for name in place(target).files()]
    assert copied == [name for name in names if name != "delivered.json"]
    assert all(n.startswith("cx_report/2026-10/region=east/") for n in place(target).files())


def test_a_report_delivered_again_leaves_nothing_of_the_earlier_one(
    tmp_path: Path, target: str
) -> None:
    config = Deliver.model_validate({"folder": target})
    folder = put(tmp_path / "reports", "cx_report", "2026-10")
    other = put(tmp_path / "reports", "cx_report", "2026-09")
    (folder / "cx_report.pdf").write_bytes(b"%PDF-")
    (folder / "tables").mkdir()
    (folder / "tables" / "gone.csv").write_text("a\n", encoding="utf-8")
    deliver(folder, config)
    deliver(other, config)
    kept = [name for name in place(target).files() if "2026-09" in name]
    (folder / "cx_report.pdf").unlink()
    (folder / "tables" / "gone.csv").unlink()
    (folder / "manifest.json").write_text(
        (folder / "manifest.json").read_text("utf-8") + "\n", encoding="utf-8"
    )
    assert [s.outcome for s in deliver(folder, config).sent] == ["sent"]
    names = {path.name for path in folder.iterdir() if path.is_file()} - {"delivered.json"}
    here = "cx_report/2026-10/everyone"
    assert place(target).files(here) == sorted(f"{here}/{name}" for name in names)
    assert [name for name in place(target).files() if "2026-09" in name] == kept


def test_one_way_that_fails_stops_no_other_and_is_all_that_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CX_HOOK", raising=False)
    folder = put(tmp_path / "reports", "cx_report", "2026-10")
    with mail_server() as mails:
        mail = MAIL | {"port": mails.port, "security": "none"}
        ways = {"folder": "nowhere://bucket", "mail": mail, "webhook": {"url_env": "CX_HOOK"}}
        config = Deliver.model_validate(ways)
        first = deliver(folder, config)
        again = deliver(folder, config)
    assert [(s.way, s.outcome) for s in first.sent] == [
        ("folder", "failed"),
        ("mail", "sent"),
        ("webhook", "failed"),
    ]
    assert [s.outcome for s in again.sent] == ["failed", "sent before", "failed"]
    assert "CX_HOOK is not set" in first.problems[1]


def test_a_mark_that_somebody_damaged_is_no_reason_to_stop(tmp_path: Path) -> None:
    folder = put(tmp_path / "reports", "cx_report", "2026-10")
    config = Deliver.model_validate({"folder": str(tmp_path / "copies")})
    for content in ("{", "[]", '{"of": 1}', '{"of": "x", "done": 3}'):
        (folder / "delivered.json").write_text(content, encoding="utf-8")
        assert [s.outcome for s in deliver(folder, config).sent] == ["sent"]


def test_a_report_without_its_manifest_is_said_and_not_sent(tmp_path: Path) -> None:
    folder = put(tmp_path / "reports", "cx_report", "2026-10", content="{")
    config = Deliver.model_validate({"folder": str(tmp_path / "copies")})
    assert "manifest.json: cannot be read" in deliver(folder, config).problems[0]


def test_a_report_that_another_run_holds_is_left_to_it(tmp_path: Path) -> None:
    root = tmp_path / "reports"
    folder = put(root, "cx_report", "2026-10")
    config = Deliver.model_validate({"folder": str(tmp_path / "copies")})
    with held(root, folder):
        assert deliver(folder, config).is_busy
    assert [s.outcome for s in deliver(folder, config).sent] == ["sent"]


def test_no_secret_and_no_address_is_in_any_file_or_text_of_a_delivery(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("CX_MAIL", "CX_TOKEN"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("CX_HOOK", f"https://127.0.0.1:9/{SECRET}")
    monkeypatch.setattr("cxanalysis.deliver.webhook.PAUSE", 0.0)
    with mail_server() as mails:
        mail = MAIL | {
            "port": mails.port,
            "security": "none",
            "user": "u",
            "password_env": "CX_MAIL",
        }
        hook = {"url_env": "CX_HOOK", "token_env": "CX_TOKEN", "wait_seconds": 1}
        content = {"mail": mail, "webhook": hook, "folder": str(tmp_path / "copies")}
        config = Deliver.model_validate(content)
        found = [
            deliver(folder, config)
            for folder in (
                put(tmp_path / "reports", "cx_report", "2026-10"),
                put_failure(tmp_path / "reports", "cx_report", "2026-11"),
            )
        ]
    assert "does not offer a login" in found[0].problems[0]
    out, err = capfd.readouterr()
    told = "".join([repr(found), repr(config), str(config), out, err, caplog.text])
    assert SECRET not in told
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        content_of_file = path.read_bytes()
        assert SECRET.encode() not in content_of_file and b"@acme" not in content_of_file


def test_what_the_sample_s_study_file_shows_can_be_taken_as_it_stands() -> None:
    sample = Path(__file__).parents[1] / "data" / "sample" / "study.toml"
    shown = sample.read_text(encoding="utf-8").split("only their names stand here.\n")[1]
    text = "\n".join(line.removeprefix("# ") for line in shown.splitlines())
    content = tomllib.loads(text)["deliver"]
    config = Deliver.model_validate(content)
    assert config.mail is not None and config.webhook is not None
    assert config.mail.readers("region=east") == ("director@acme.example", "east@acme.example")
    assert config.mail.watchers == ("analyst@acme.example",)
