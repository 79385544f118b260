"""The demo company on paper: people by their names, and English throughout for an English reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from print_samples import Paper

import server
from server.access.user import User
from server.core.clock import SettableClock
from server.exchange.packs import read_packs
from server.printing.kinsoku import is_ideographic
from server.site import Site, open_site

ROOT = Path(server.__file__).parents[1]
Print = Callable[..., Paper]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company on SQLite, without passwords, as hashing them is slow on purpose."""
    clock = SettableClock(datetime(2026, 6, 15, 1, 0, tzinfo=UTC))
    site = open_site(tmp_path_factory.mktemp("demo"), clock=clock, environ={}, embedded_worker=False)
    pack = read_packs([ROOT], with_demo=True)
    site.publisher.publish(site.publisher.propose(pack.sources), "Administrator")
    fixtures = [
        (file, raw | {"records": [{key: value for key, value in row.items() if key != "_password"} for row in raw["records"]]})
        for file, raw in pack.fixtures
    ]
    for _ in site.fixture_loader().load(fixtures):
        pass
    yield site
    site.close()


@pytest.fixture(scope="module")
def printed(demo: Site) -> Print:
    def run(doctype: str, name: str, format_name: str, language: str, login: str = "") -> Paper:
        user = demo.user(login) if login else User.administrator()
        return Paper(demo.printouts.pdf(user, doctype, name, format_name=format_name, language=language))

    return run


def every_print(site: Site) -> Iterator[tuple[str, str, str]]:
    """(DocType, name, format) of a record of each DocType with all its formats."""
    for doctype in site.snapshot().model:
        if not doctype.istable and doctype.name not in ("User", "Role", "Department"):
            for row in site.queries.list(User.administrator(), doctype.name, limit=1).rows:
                for form in ("Standard", *(item.name for item in site.printouts.formats(doctype.name))):
                    yield doctype.name, row["name"], form


def approve_first(site: Site, login: str) -> str:
    """The name of the record that this person is asked about, approved by them."""
    item = site.inbox.items(site.user(login))[0]
    site.inbox.decide(site.user(login), item.obligation.id, "approved", "同意，老客户。")
    return item.obligation.name


def test_a_clerk_reads_names_too(printed: Print, demo: Site) -> None:
    name = demo.queries.list(demo.user("wangfang"), "Service Quotation", limit=1).rows[0]["name"]
    paper = printed("Service Quotation", name, "Standard", "zh", "wangfang")
    assert "wangfang" not in paper.text
    assert "创建：王芳" in paper.run_together
    assert re.search(r"打印2026-06-\d\d\d\d:\d\d王芳", paper.run_together)


def test_approvals_in_english_name_roles_and_decisions_in_english(printed: Print, demo: Site) -> None:
    name = approve_first(demo, "zhangjianguo")
    for form in ("Standard", "Service Quotation Approval"):
        paper = printed("Service Quotation", name, form, "en")
        assert {"General", "Manager", "Approved"} <= set(paper.text.split())
        assert "总经理" not in paper.text
        assert "同意，老客户。" in paper.run_together  # what somebody wrote stays as it was written


@pytest.mark.slow
def test_every_print_is_english_for_an_english_reader_and_names_people_by_their_names(demo: Site, printed: Print) -> None:
    people = demo.queries.list(User.administrator(), "User", fields=["name", "full_name"], limit=100).rows
    logins = re.compile(r"\b(" + "|".join(str(person["name"]) for person in people) + r")\b")
    words = chinese_words(demo)
    for what in every_print(demo):
        paper = printed(*what, "en")
        assert logins.findall(paper.text) == [], what
        data = str(demo.documents.load(User.administrator(), what[0], what[1]))
        assert {word for word in words if word in paper.run_together and word not in data} == set(), what


def chinese_words(site: Site) -> set[str]:
    """Labels and choices that have an English text of their own and are too long to stand in another word by chance."""
    words = set()
    for doctype in site.snapshot().model:
        for item in doctype.fields:
            labels = [item.label, *item.option_labels.values()]
            words |= {label.zh for label in labels if label.zh != label.en and len(label.zh) > 3}
    return {word for word in words if all(map(is_ideographic, word))}
