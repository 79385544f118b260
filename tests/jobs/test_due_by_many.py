"""Many obligations fall due at once: two workers share them, one is killed in the middle, the clock is set back; none is missed or told twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.calendars.deadline import Deadline, Escalation
from server.calendars.term import Term
from server.core.clock import SettableClock
from server.core.text import Text
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site
from server.storage.system import obligation, outbox

pytestmark = pytest.mark.parametrize("any_site", ["sqlite", "postgresql"], indirect=True)
NUMBER = 300  # 2,000 pass as well, in three quarters of a minute on a busy machine
SWEEP = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from server.core.clock import SettableClock
from server.site import open_site

folder, url, now = sys.argv[1:]
clock = SettableClock(datetime.fromisoformat(now))
site = open_site(Path(folder), clock=clock, environ={}, database_url=url, embedded_worker=False)
print("ready", flush=True)
sys.stdin.readline()
for minutes in (0, -120, 0):  # the clock is set back and forth again
    clock.advance(minutes=minutes)
    site.due.sweep()
    clock.advance(minutes=-minutes)
site.close()
"""


def test_two_workers_of_which_one_is_killed_do_each_once(any_site: Site, clock: SettableClock, tmp_path: Path) -> None:
    now = clock.now()
    chain = Deadline(
        Term(timedelta(hours=1)), None, (Escalation(Term(), "Head"), Escalation(Term(timedelta(hours=1)), "Chief"))
    )
    with any_site.database.write() as connection:
        book = ObligationBook(connection)
        for number in range(NUMBER):
            due = now - timedelta(hours=2)
            book.open(Obligation(
                id=f"o{number:05}", kind="obligation", rule="r", doctype="Call", name=f"C{number}", title=Text.of(f"C{number}"),
                opened_at=due, opened_by="li", owed_by_role="Service", due_at=due, escalate_to="Head", deadline=chain, counted_from=due,
                escalate_at=due, escalation_times=(due, due + timedelta(hours=1)),
            ))  # fmt: skip
    asked = [sys.executable, "-c", SWEEP, str(tmp_path), any_site.settings.url, now.isoformat()]
    workers = [subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    while _late(any_site) == 0 and workers[0].poll() is None:
        pass
    workers[0].send_signal(signal.SIGKILL)
    for worker in workers:
        worker.communicate(timeout=120)
    assert workers[1].returncode == 0
    any_site.due.sweep()  # what the killed one had in hand is anybody's again

    with any_site.database.read() as connection:
        levels = Counter(connection.execute(select(obligation.c.level, obligation.c.state)).all())
        told = connection.execute(select(outbox.c.key).where(outbox.c.kind == "notification")).scalars().all()
    assert levels == {(2, "escalated"): NUMBER}
    kinds = Counter(key.partition(":")[0] for key in told)
    assert kinds == {"late": NUMBER, "escalate": 2 * NUMBER}


def _late(site: Site) -> int:
    with site.database.read() as connection:
        return int(connection.execute(select(func.count()).where(obligation.c.state != "open")).scalar() or 0)
