"""Two people at one moment: whoever comes second is refused in words, and no link is left that leads nowhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from documents_shop import order, person

from server.access.user import User
from server.core.errors import GuijuError
from server.documents import link_checks, linked, renaming
from server.documents.print_runs import MOST_OF_ONE
from server.site import Site
from server.storage import audit

ADMIN = User.administrator()
LINK_PART = {"lines": [{"part": "P1", "qty": 1}]}


def both(*deeds: Callable[[], Any]) -> list[GuijuError | None]:
    """Run the deeds in threads that start together; what each was refused with. Anything but a refusal in words is raised."""
    ready = threading.Barrier(len(deeds))
    ends: list[Any] = [None] * len(deeds)

    def run(number: int) -> None:
        ready.wait()
        try:
            deeds[number]()
        except BaseException as error:
            ends[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for end in ends:
        if end is not None and not isinstance(end, GuijuError):
            raise end
    return ends


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked at what refers to what before either writes: the worst moment there is. (Where writers take turns they do not
    meet, and go on after a moment.)"""
    met = threading.Barrier(2)

    def after(function: Callable[..., Any]) -> Callable[..., Any]:
        def looked(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            finally:
                with suppress(threading.BrokenBarrierError):
                    met.wait(0.8)

        return looked

    monkeypatch.setattr("server.documents.removing.refuse_linked", after(linked.refuse_linked))
    monkeypatch.setattr("server.documents.save_path.refuse_linked", after(linked.refuse_linked))
    monkeypatch.setattr("server.documents.service.Renaming.run", after(renaming.Renaming.run))
    monkeypatch.setattr("server.documents.save_path.refuse_dangling", after(link_checks.refuse_dangling))


def test_of_two_who_submit_or_cancel_one_does(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name
    for deed in ("submit", "cancel"):
        ends = both(*[lambda deed=deed: getattr(shop.documents, deed)(clerk, "Order", name)] * 2)  # type: ignore[misc]

        assert sum(end is None for end in ends) == 1
    with shop.database.read() as connection:
        assert [entry["action"] for entry in audit.history(connection, "Order", name)] == ["cancel", "submit", "create"]
        assert list(audit.verify(connection, shop.snapshot().model)) == []


@pytest.mark.usefixtures("meeting")
def test_a_record_is_not_deleted_while_somebody_links_to_it(shop: Site, clerk: User) -> None:
    ends = both(
        lambda: shop.documents.delete(clerk, "Part", "P1"),
        lambda: shop.documents.save(clerk, "Order", order(**LINK_PART)),
    )

    assert sum(end is None for end in ends) == 1
    assert_no_link_leads_nowhere(shop)


@pytest.mark.usefixtures("meeting")
def test_a_record_is_not_renamed_away_from_a_link_that_is_being_made(
    shop: Site, clerk: User, publish: Callable[..., int]
) -> None:
    part = next(source.raw for source in shop.publisher.stored() if source.name == "Part")
    publish(shop, {**part, "allow_rename": 1})

    ends = both(
        lambda: shop.documents.rename(clerk, "Part", "P1", "P9"),
        lambda: shop.documents.save(clerk, "Order", order(**LINK_PART)),
    )

    assert None in ends
    assert_no_link_leads_nowhere(shop)


@pytest.mark.usefixtures("meeting")
def test_nothing_is_submitted_upon_what_is_being_cancelled(shop: Site, clerk: User, publish: Callable[..., int]) -> None:
    stored = next(source.raw for source in shop.publisher.stored() if source.name == "Order")
    after = {"fieldname": "follows", "fieldtype": "Link", "options": "Order"}
    publish(shop, {**stored, "fields": [*stored["fields"], after]})
    first = shop.documents.save(clerk, "Order", order()).name
    shop.documents.submit(clerk, "Order", first)
    second = shop.documents.save(clerk, "Order", order(follows=first)).name

    ends = both(
        lambda: shop.documents.cancel(clerk, "Order", first),
        lambda: shop.documents.submit(clerk, "Order", second),
    )

    assert sum(end is None for end in ends) == 1
    states = [shop.documents.load(ADMIN, "Order", name)["docstatus"] for name in (first, second)]
    assert states in ([2, 0], [1, 1])


def test_of_two_who_give_one_name_or_delete_and_change_one_does(shop: Site, clerk: User, publish: Callable[..., int]) -> None:
    part = next(source.raw for source in shop.publisher.stored() if source.name == "Part")
    publish(shop, {**part, "allow_rename": 1})

    names = both(*(lambda name=name: shop.documents.rename(clerk, "Part", name, "P9") for name in ("P1", "P2")))  # type: ignore[misc]
    assert sum(end is None for end in names) == 1
    rest = next(row["name"] for row in shop.queries.list(clerk, "Part").rows if row["name"] != "P9")
    keeper = person("keeper", "Part Keeper")
    both(
        lambda: shop.documents.delete(keeper, "Part", rest),
        lambda: shop.documents.save(clerk, "Part", {"title": "new"}, name=rest),
    )

    assert [row["name"] for row in shop.queries.list(clerk, "Part").rows] == ["P9"]
    with shop.database.read() as connection:
        assert list(audit.verify(connection, shop.snapshot().model)) == []


def assert_no_link_leads_nowhere(shop: Site) -> None:
    parts = {row["name"] for row in shop.queries.list(ADMIN, "Part").rows}
    for row in shop.queries.list(ADMIN, "Order").rows:
        assert {line["part"] for line in shop.documents.load(ADMIN, "Order", row["name"])["lines"]} <= parts


def test_what_is_sent_twice_at_one_moment_with_one_key_happens_once_and_is_answered_twice(shop: Site, clerk: User) -> None:
    made: list[str] = []

    def create() -> None:
        made.append(shop.documents.save(clerk, "Order", order(), idempotency_key="made at once").name)

    assert both(create, create) == [None, None]
    assert len(set(made)) == 1

    def submit() -> None:
        shop.documents.submit(clerk, "Order", made[0], version=1, idempotency_key="submitted at once")

    assert both(submit, submit) == [None, None]
    with shop.database.read() as connection:
        assert [entry["action"] for entry in audit.history(connection, "Order", made[0])] == ["submit", "create"]


def test_who_asks_for_many_prints_at_one_moment_has_no_more_than_one_after_the_other(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name

    def ask() -> None:
        shop.print_runs.start(ADMIN, "Order", [name], format_name=None, language="zh", origin="")

    ends = both(*[ask] * (MOST_OF_ONE + 3))

    waiting = [run for run in shop.print_runs.of(ADMIN) if run.state == "waiting"]
    assert (sum(end is None for end in ends), len(waiting)) == (MOST_OF_ONE, MOST_OF_ONE)
    for run in waiting:
        shop.print_runs.stop(ADMIN, run.id)
