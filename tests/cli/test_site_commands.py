"""A site's commands when something is mistyped, missing, taken or wrong: each says what, where and what to do."""

from __future__ import annotations

import json
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import waitress
from console_session import run

from server.cli.site_life import name_company
from server.core.settings import load_settings
from server.exchange.packs import Source
from server.site import Site, open_site


@pytest.fixture
def site(made_site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_site, tmp_path / "site"))


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


# Serving


@pytest.mark.parametrize(("language", "said"), [("en", "Port {} is in use"), ("zh", "端口 {} 已被占用")])
def test_a_port_in_use_is_named_with_another_one(site: Path, taken_port: int, language: str, said: str) -> None:
    code, output = run("--site", str(site), "serve", "--port", str(taken_port), language=language)

    assert code == 1
    assert said.format(taken_port) in output
    assert "--port" in output
    assert "http://" not in output, "it does not claim to run"


@pytest.mark.parametrize("port", ["99999", "0", "-1", "http", "80.5"])
@pytest.mark.parametrize(("language", "said"), [("en", "from 1 to 65535"), ("zh", "1 到 65535")])
def test_a_port_that_is_none_is_a_wrong_option(site: Path, port: str, language: str, said: str) -> None:
    code, output = run("--site", str(site), "serve", "--port", port, language=language)

    assert code == 2
    assert said in output
    assert "--port" in output


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "999.1.1.1"])
def test_a_host_that_is_not_this_machine_is_named(site: Path, host: str) -> None:
    code, output = run("--site", str(site), "serve", "--host", host)

    assert code == 1
    assert host in output
    assert "0.0.0.0" in output


def test_a_free_port_is_bound_before_the_address_is_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = waitress.create_server
    bound: list[int] = []

    def create(*words: object, **options: object) -> object:
        server = made(*words, **options)
        bound.append(int(server.effective_port))
        server.run = server.close
        return server

    monkeypatch.setattr(waitress, "create_server", create)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    code, output = run("--site", str(site), "serve", "--port", str(port))

    assert (code, bound) == (0, [port]), output
    assert f"http://127.0.0.1:{port}" in output


def test_a_server_that_is_told_to_end_closes_its_site(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Site] = []
    server = SimpleNamespace(run=lambda: signal.raise_signal(signal.SIGTERM))
    monkeypatch.setattr(waitress, "create_server", lambda *words, **options: server)
    monkeypatch.setattr(Site, "close", lambda self, close=Site.close: (close(self), closed.append(self)))
    before = signal.getsignal(signal.SIGTERM)

    try:
        code, output = run("--site", str(site), "serve")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert (code, len(closed)) == (0, 1), output


# A folder that is no site


@pytest.mark.parametrize(
    "words",
    [("check",), ("publish",), ("serve",), ("user", "list"), ("user", "add", "li", "--name", "Li"), ("export", "out"), ("audit", "verify")],
    ids=" ".join,
)  # fmt: skip
def test_a_folder_that_is_no_site_is_named_and_not_made(tmp_path: Path, words: tuple[str, ...]) -> None:
    missing = tmp_path / "stie"

    code, output = run("--site", str(missing), *words)

    assert code == 2
    assert str(missing) in output
    assert "guiju init" in output
    assert not missing.exists()


# Checking


def write(site: Path, place: str, content: object) -> None:
    path = site / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


NOTE = {"name": "Note", "module": "site", "fields": [{"fieldname": "title", "fieldtype": "Data"}]}
RULE = {"name": "note-needs-title", "title": "T", "applies_to": "Note", "on": ["validate"],
        "when": {"all": [["titel", "is", "not set"]]}, "then": [{"warn": {"message": "m"}}]}  # fmt: skip


def test_check_with_a_site_checks_its_own_files_too(site: Path) -> None:
    write(site, "doctypes/site/note.json", NOTE)
    write(site, "rules/site/note.json", RULE)

    code, output = run("--site", str(site), "check")

    assert code == 1
    assert "rules/site/note.json" in output
    assert 'Did you mean "title"?' in output


def test_check_with_a_site_knows_what_is_published_there(site: Path, tmp_path: Path) -> None:
    write(site, "doctypes/site/note.json", NOTE)
    assert run("--site", str(site), "publish")[0] == 0
    (site / "doctypes/site/note.json").unlink()
    right = {**RULE, "when": {"all": [["title", "is", "not set"]]}}
    write(tmp_path, "more/rules/site/right.json", right)
    write(tmp_path, "more/rules/site/wrong.json", {**RULE, "name": "another"})

    assert run("--site", str(site), "check", str(tmp_path / "more/rules/site/right.json"))[0] == 0
    code, output = run("--site", str(site), "check", str(tmp_path / "more"))
    assert code == 1
    assert "wrong.json" in output


def test_check_names_a_site_by_the_environment_as_well(site: Path) -> None:
    write(site, "rules/site/note.json", RULE)

    assert run("check")[0] == 0
    code, output = run("check", GUIJU_SITE=str(site))
    assert code == 1
    assert "Note" in output


def test_uploaded_files_are_not_taken_for_metadata(site: Path) -> None:
    write(site, "files/ab/upload.json", {"anything": 1})

    assert run("--site", str(site), "check")[0] == 0


def test_two_packs_with_a_file_of_one_path_are_both_read(site: Path) -> None:
    write(site, "doctypes/core/user.json", NOTE)

    code, output = run("--site", str(site), "publish", "--plan")

    assert code == 0, output
    assert "tab_note" in output
    assert "tab_user" not in output


@pytest.mark.parametrize("command", ["check", "publish"])
def test_a_file_that_is_missing_is_named(site: Path, command: str) -> None:
    code, output = run("--site", str(site), command, "nowhere.json")

    assert code == 1
    assert "nowhere.json: no such file or folder" in output


def test_rule_tests_of_a_file_that_is_missing_or_broken_are_a_failure(tmp_path: Path) -> None:
    write(tmp_path, "rules/broken.json", '{"name": ')

    assert "no such file" in run("rules", "test", str(tmp_path / "nowhere"))[1]
    code, output = run("rules", "test", str(tmp_path))
    assert code == 1
    assert "broken.json" in output


# Settings


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param('compny = "Acme"', ['"compny"', '"Acme"', 'Did you mean "company"?', "session_hours"], id="unknown key"),
        pytest.param('session_hours = "long"', ['"session_hours"', '"long"', "a whole number"], id="no number"),
        pytest.param('timezone = "Asia/Shangai"', ['"Asia/Shangai"', "Asia/Shanghai"], id="unknown time zone"),
        pytest.param('matcher = "fast"', ['"fast"', "durable or reference or both"], id="unknown choice"),
        pytest.param("company = ", ["not valid TOML"], id="no TOML"),
    ],
)
def test_a_wrong_setting_is_told_with_its_file(site: Path, line: str, said: list[str]) -> None:
    write(site, "guiju.toml", line)

    code, output = run("--site", str(site), "user", "list")

    assert code == 1
    assert "metadata" not in output
    for word in [str(site / "guiju.toml"), *said]:
        assert word in output


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param('databse_url = "postgresql://guiju:hunter2@db/guiju"', "databse_url", id="unknown key"),
        pytest.param('database_url = "postgres//guiju:hunter2@db"', "not the address of a database", id="no address"),
        pytest.param('database_url = "postgresql+pgdriver://guiju:hunter2@db/guiju"', "pip install", id="no driver"),
    ],
)
def test_a_wrong_setting_never_shows_a_password(site: Path, line: str, said: str) -> None:
    write(site, "guiju.toml", line)

    code, output = run("--site", str(site), "user", "list")

    assert (code, said in output, "hunter2" in output) == (1, True, False)


def test_a_wrong_setting_of_the_environment_is_told_with_its_variable(site: Path) -> None:
    code, output = run("--site", str(site), "user", "list", GUIJU_SESSION_HOURS="long")

    assert code == 1
    assert "GUIJU_SESSION_HOURS" in output


# What was typed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("chek",), "没有命令 'chek'。是否指 check", id="unknown command"),
        pytest.param(("user", "add"), "缺少", id="missing argument"),
        pytest.param(("user", "add", "li"), "缺少选项 '--name'", id="missing option"),
        pytest.param(("user", "roles", "--rol"), "没有选项 '--rol'", id="unknown option"),
        pytest.param(("serve", "8001"), "多出的参数", id="extra argument"),
        pytest.param(("user", "passwd", "xu", "--password"), "需要一个值", id="option without value"),
    ],
)
def test_a_mistyped_command_is_explained_in_chinese(words: tuple[str, ...], said: str) -> None:
    code, output = run(*words, language="zh")

    assert code == 2
    assert said in output
    assert "错误：" in output


def test_help_speaks_the_readers_language() -> None:
    assert "检查元数据文件" in run("--help", language="zh")[1]
    assert "站点目录" in run("--help", language="zh")[1]
    assert "Check metadata files" in run("--help")[1]
    assert "PATHS are checked together" in run("check", "--help")[1]


ROLE = {"doctype": "Role", "records": [{"role_name": "Station Manager", "title": "站长"}]}


def test_publish_enters_the_records_that_a_later_version_brings_once(site: Path) -> None:
    write(site, "fixtures/roles.json", ROLE)
    assert "record" not in run("--site", str(site), "publish", "--plan")[1]

    code, said = run("--site", str(site), "publish")
    assert (code, "The packs brought 1 records." in said) == (0, True), said
    assert "brought" not in run("--site", str(site), "publish")[1]


def test_a_record_that_cannot_be_entered_is_named_and_the_metadata_stays_published(site: Path) -> None:
    write(site, "doctypes/site/note.json", NOTE)
    write(site, "fixtures/clauses.json", {"doctype": "Clause", "records": [{"code": "X-1", "document": "X", "text": "t"}]})

    code, said = run("--site", str(site), "publish")

    assert code == 1
    assert "clauses.json: records[0]" in said
    assert "The metadata is published" in said
    (site / "fixtures/clauses.json").unlink()
    assert "nothing to do" in run("--site", str(site), "publish")[1]


def label_of_item(site: Path) -> str:
    opened = open_site(site, environ={}, embedded_worker=False)
    try:
        return opened.snapshot().model["Item"].label.en
    finally:
        opened.close()


def test_what_was_changed_in_the_browser_is_kept_by_publish_unless_it_is_to_be_dropped(site: Path) -> None:
    opened = open_site(site, environ={}, embedded_worker=False)
    shipped = next(source.raw for source in opened.publisher.stored() if source.name == "Item")
    edited = Source("DocType", "Item", shipped | {"label": {"zh": "料号", "en": "Material"}})
    opened.publisher.publish(opened.publisher.propose([edited]), "xu", origin="site")
    opened.close()

    code, said = run("--site", str(site), "publish")
    assert (code, label_of_item(site)) == (0, "Material")
    assert "Item: the site's changes are kept." in said

    assert run("--site", str(site), "publish", "--overwrite")[0] == 0
    assert label_of_item(site) == "Item"


def test_the_demo_company_has_a_name_and_a_site_that_has_one_keeps_it(tmp_path: Path) -> None:
    name_company(tmp_path / "new")
    named = load_settings(tmp_path / "new", {})
    assert (named.company_in("zh"), named.company_in("en")) == ("规矩精密机械有限公司", "Guiju Precision Machinery Co., Ltd.")

    write(tmp_path, "guiju.toml", 'company = "Acme"\n')
    name_company(tmp_path)
    assert load_settings(tmp_path, {}).company_in("zh") == "Acme"
