"""Real DocTypes of other applications, as published: they are checked, published, opened as form and list, and take a record.

The files are not ours to copy: GUIJU_FRAPPE_CORPUS names a folder that holds them (default: `../shared/corpus` beside the
checkout). Without one there is nothing to test.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from needs import own_database
from record_maker import ADMIN, Maker, browser_of_everyone, site_with

from server.exchange.packs import Source
from server.site import Site

HERE = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("GUIJU_FRAPPE_CORPUS") or HERE.parent / "shared" / "corpus")
FILES = sorted(CORPUS.rglob("*.json"))
RAWS: list[dict[str, Any]] = [json.loads(path.read_text("utf-8")) for path in FILES]
NAMES = [str(raw["name"]) for raw in RAWS]
RECORDS = [str(raw["name"]) for raw in RAWS if not raw.get("istable")]
pytestmark = pytest.mark.skipif(not FILES, reason="no folder of published DocTypes here")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The built-in pack with all of the corpus beside it."""
    yield from site_with(tmp_path_factory.mktemp("corpus"), sources())


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    return browser_of_everyone(site)


def sources() -> list[Source]:
    return [Source("DocType", str(raw["name"]), raw) for raw in RAWS]


@pytest.fixture(scope="module")
def maker(site: Site) -> Maker:
    return Maker(site)


def test_the_whole_corpus_is_published_beside_the_built_in_pack(site: Site) -> None:
    assert set(NAMES) <= set(site.snapshot().model.doctypes)


@pytest.mark.parametrize("name", RECORDS)
def test_a_published_doctype_takes_a_record_and_opens_as_form_and_list(maker: Maker, browser: FlaskClient, name: str) -> None:
    record = maker.record(name)

    pages = [f"/form/{quote(name)}/{quote(record, safe='')}", f"/form/{quote(name)}/new", f"/list/{quote(name)}"]
    answers = [browser.get(page, follow_redirects=True) for page in pages]
    over_rest: Any = browser.get(f"/api/resource/{quote(name)}/{quote(record, safe='')}")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert over_rest.json["data"]["name"] == record


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def other_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("other")
    with own_database(request.param, folder) as url:
        yield from site_with(folder, sources(), url)


def test_on_the_other_databases_each_takes_a_record_too(other_site: Site) -> None:
    maker = Maker(other_site)

    for name in RECORDS:
        record = maker.record(name)
        assert [row["name"] for row in other_site.queries.list(ADMIN, name, filters=[("name", "=", record)]).rows] == [record]
