"""Where nothing stands, the page says what belongs there, why it is empty, and the one next step that its reader may take."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from desk_tool_crib import LOAN
from flask.testing import FlaskClient

from server.access.user import User
from server.desk.empty_state import no_records
from server.exchange.packs import Source
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.site import Site


@pytest.fixture
def drawer(site: Site) -> Any:
    """Publish an empty record type "Drawer" with these rights of everybody."""

    def publish(**rights: int) -> None:
        raw = copy.deepcopy(LOAN) | {"name": "Drawer", "label": {"zh": "抽屉", "en": "Drawer"}, "offline": None}
        raw["description"] = {"zh": "放工具的抽屉", "en": "Where tools lie"}
        raw["permissions"] = [{"role": "All", "read": 1, **rights}, {"role": "Keeper", "read": 1, "create": 1}]
        site.publisher.publish(site.publisher.propose([Source("DocType", "Drawer", raw)]), "tests")

    return publish


def empty(browser: FlaskClient, path: str) -> str:
    found = re.search(r'<section class="card empty">(.*?)</section>', browser.get(path).text, re.DOTALL)
    assert found is not None, path
    return re.sub(r"\s+", " ", found[1])


def test_an_empty_list_says_what_belongs_there_and_offers_the_first_record(signed_in: FlaskClient, drawer: Any) -> None:
    drawer(write=1, create=1, **{"import": 1})

    said = empty(signed_in, "/list/Drawer")

    assert [word in said for word in ("还没有抽屉", "放工具的抽屉", "/form/Drawer/new", "/data-import?doctype=Drawer")] == [
        True
    ] * 4


def test_whoever_may_enter_nothing_is_told_who_does(signed_in: FlaskClient, drawer: Any) -> None:
    drawer()

    said = empty(signed_in, "/list/Drawer")

    assert ("由Keeper登记" in said, "/form/Drawer/new" in said) == (True, False)


def test_whoever_sees_only_their_own_is_told_that(signed_in: FlaskClient, drawer: Any) -> None:
    drawer(if_owner=1)

    assert "您只看得到自己的" in empty(signed_in, "/list/Drawer")


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("/list/Tool%20Loan?q=nothing-of-the-kind", "清除筛选"),
        ("/list/Drawer?shape=calendar&f=kind&o=%3D&v=Gauge", "清除筛选"),
        ("/inbox", "查看已办"),
        ("/inbox?tab=done", "查看待办"),
        ("/dashboards", "新建仪表盘"),
        ("/reports", "联系您的部门负责人"),
    ],
)
def test_each_empty_place_has_a_next_step(signed_in: FlaskClient, drawer: Any, path: str, step: str) -> None:
    drawer(write=1, create=1)

    assert step in empty(signed_in, path)


@pytest.mark.parametrize(
    ("others", "said"), [(2, "由Keeper、R0、R1登记；"), (3, "由Keeper、R0、R1等登记；")], ids=["three", "more"]
)
def test_of_many_roles_that_enter_three_are_named_and_the_rest_is_not_denied(others: int, said: str) -> None:
    roles = ["Keeper", *(f"R{number}" for number in range(others))]
    raw = LOAN | {"name": "Drawer", "permissions": [{"role": role, "read": 1, "create": 1} for role in roles]}
    drawer = read_doctype(raw)

    found = no_records(Model({"Drawer": drawer}), User("li", roles=frozenset()), drawer, {})

    assert found.ask is not None
    assert found.ask.zh.startswith(said)
