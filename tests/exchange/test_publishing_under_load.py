"""Metadata published again and again while others save and read: nobody meets half of it, nothing is lost, no process stays behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from needs import DATABASES, own_database

from server import api, web
from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import GuijuError
from server.documents import queries
from server.exchange.packs import Source
from server.exchange.publisher import Publisher
from server.exchange.undo import propose_undo
from server.site import Site, open_site
from server.storage import waiting
from server.storage.database import Database

ADMIN = User.administrator()
ROUNDS = 5


def ticket(round_: int) -> dict[str, Any]:
    """A record type that changes in every round: a field is renamed, one changes its kind, one comes and goes."""
    called = f"note_{round_}"
    fields = [
        {"fieldname": "subject", "fieldtype": "Data", "search_index": 1},
        {"fieldname": called, "fieldtype": "Data", "oldfieldname": f"note_{round_ - 1}"},
        {"fieldname": "hours", "fieldtype": "Int" if round_ % 2 else "Data", "in_standard_filter": 1},
        *([{"fieldname": "extra", "fieldtype": "Data"}] if round_ % 2 else []),
    ]
    rights = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]
    return {"doctype": "DocType", "name": "Ticket", "autoname": "hash", "fields": fields, "permissions": rights}


def publish(site: Site, round_: int) -> None:
    site.publisher.publish(site.publisher.propose([Source("DocType", "Ticket", ticket(round_))]), "admin", origin="site")


@pytest.fixture(params=DATABASES)
def site(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """On PostgreSQL published in parts, as for large tables."""
    monkeypatch.setattr(waiting, "MANY_ROWS", 1)
    with own_database(request.param, tmp_path) as url:
        opened = open_site(tmp_path, clock=clock, environ={}, database_url=url, embedded_worker=False)
        publish(opened, 0)
        yield opened
        opened.close()


@pytest.fixture
def app(site: Site) -> Flask:
    """Over REST, where every request works on one version; whoever calls is the administrator."""
    made = Flask("guiju", static_folder=None)
    web.init_app(made, site)
    api.init_app(made)
    made.before_request(lambda: setattr(web.context.g, "user", ADMIN))
    return made


def test_nobody_meets_half_a_model_while_it_is_published(site: Site, app: Flask) -> None:
    answers: list[tuple[int, Any]] = []
    is_over = threading.Event()

    def work(number: int) -> None:
        client = app.test_client()
        while not is_over.is_set():
            sent = {"subject": f"s{number}", "hours": 7}
            made = client.post("/api/resource/Ticket", json=sent)
            read = client.get("/api/resource/Ticket", query_string={"fields": '["*"]', "limit_page_length": 5})
            answers.extend((answer.status_code, answer.get_json()) for answer in (made, read))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for round_ in range(1, ROUNDS + 1):
        publish(site, round_)
    is_over.set()
    for worker in workers:
        worker.join()

    wrong = [answer for status, answer in answers if status != 200]
    assert (wrong, len(answers) > 10) == ([], True)
    rows = [row for _, answer in answers for row in (answer["data"] if isinstance(answer["data"], list) else [answer["data"]])]
    assert {str(row["hours"]) for row in rows} == {"7"}  # never the empty column that was being filled
    shapes = {tuple(sorted(key for key in row if key.startswith(("note", "extra", "hours")))) for row in rows}
    whole = [{item["fieldname"] for item in ticket(round_)["fields"]} - {"subject"} for round_ in range(ROUNDS + 1)]
    assert {frozenset(shape) for shape in shapes} <= {frozenset(fields) for fields in whole}
    made = sum(isinstance(answer["data"], dict) for _, answer in answers)
    assert site.queries.count(ADMIN, "Ticket", cap=100_000).value == made


def test_another_process_works_on_it_with_its_next_request(site: Site, clock: SettableClock) -> None:
    other = Publisher(Database(site.database.url.render_as_string(hide_password=False)), clock, "reference")
    assert "note_0" in other.snapshot().model["Ticket"].by_name

    publish(site, 1)

    assert "note_1" in other.snapshot().model["Ticket"].by_name
    undone = propose_undo(site.publisher, site.snapshot().version).publish(site.publisher, "admin")
    assert (other.snapshot().version, "note_0" in other.snapshot().model["Ticket"].by_name) == (undone, True)


def publish_meanwhile(site: Site, number: int) -> None:
    """From within a request, as another process does once the request looks at nothing and so holds nothing up."""
    site.database.look_anew()
    thread = threading.Thread(target=publish, args=(site, number))
    thread.start()
    thread.join()


def test_a_request_that_was_overtaken_is_done_again_and_only_if_it_saved_nothing(site: Site, app: Flask) -> None:
    """A publication comes between the beginning of the request and its first look at the database."""
    calls: list[str] = []

    def overtaken(saves_first: bool) -> Callable[[], str]:
        def view() -> str:
            calls.append("called")
            if len(calls) == 1:
                if saves_first:
                    site.documents.save(ADMIN, "Ticket", {"subject": "first"})
                publish_meanwhile(site, 1 if not saves_first else 2)
            return site.documents.save(ADMIN, "Ticket", {"subject": "then"}).name

        return view

    app.add_url_rule("/plain", "plain", overtaken(False))
    app.add_url_rule("/saved", "saved", overtaken(True))

    assert (app.test_client().get("/plain").status_code, len(calls)) == (200, 2)
    calls.clear()
    assert (app.test_client().get("/saved").status_code, len(calls)) == (503, 1)


def test_a_page_that_tells_errors_itself_is_done_again_as_well(site: Site, app: Flask) -> None:
    calls: list[str] = []

    def view() -> str:
        calls.append("called")
        if len(calls) == 1:
            publish_meanwhile(site, 1)
        try:
            return site.documents.save(ADMIN, "Ticket", {"subject": "then"}).name
        except GuijuError as error:
            return str(error)

    app.add_url_rule("/told", "told", view)
    before = site.queries.count(ADMIN, "Ticket").value

    answer = app.test_client().get("/told").text

    assert (len(calls), site.documents.load(ADMIN, "Ticket", answer)["subject"]) == (2, "then")
    assert site.queries.count(ADMIN, "Ticket").value == before + 1


def test_a_list_that_a_publication_overtakes_in_the_middle_is_sent_whole(
    site: Site, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PORTION", 2)
    for number in range(5):
        site.documents.save(ADMIN, "Ticket", {"subject": f"ticket {number}"})
    rounds: list[int] = []

    def view() -> object:
        _, rows = site.queries.export(ADMIN, "Ticket")

        def lines() -> Iterator[str]:
            for number, row in enumerate(rows):
                if number == 1 and not rounds:
                    rounds.append(1)
                    publish_meanwhile(site, 1)
                yield f"{row['subject']}\n"

        return web.csv_file("Ticket", lines())

    app.add_url_rule("/whole", "whole", view)

    answer = app.test_client().get("/whole")

    assert (answer.status_code, rounds) == (200, [1])
    assert sorted(line for line in answer.text.split("\n") if line.startswith("ticket")) == [f"ticket {n}" for n in range(5)]
