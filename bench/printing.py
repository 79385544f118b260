"""A one-page print against the bare engine on the finished HTML of the same page."""

from __future__ import annotations

from collections.abc import Iterator

from server.assets import fonts_dir
from server.printing import worker
from server.printing.engine import Engine
from server.printing.job import PrintJob
from server.printing.worker import Reply, Workers

from .shop import CLERK, open_shop, values
from .timing import Row, median_seconds


class _Listening(Engine):
    """Keeps the HTML that the engine was given."""

    html = ""

    def render(self, html: str, title: str, author: str):  # type: ignore[no-untyped-def]
        _Listening.html = html
        return super().render(html, title, author)


def pdf(runs: int) -> Iterator[Row]:
    with open_shop() as site:
        name = site.documents.save(CLERK, "Bench Ticket", values()).name
        jobs: list[PrintJob] = []
        original = Workers.render

        def overheard(self: Workers, job: PrintJob) -> Reply:
            jobs.append(job)
            return original(self, job)

        Workers.render = overheard  # type: ignore[method-assign]
        try:
            ours = median_seconds(lambda: site.printouts.pdf(CLERK, "Bench Ticket", name), max(runs // 10, 5))
        finally:
            Workers.render = original  # type: ignore[method-assign]
        engine = _Listening(fonts_dir())
        worker.produce(engine, jobs[-1])
        floor = median_seconds(lambda: Engine.render(engine, _Listening.html, "floor", "bench"), max(runs // 10, 5))
        yield Row("one-page PDF in Chinese", "xhtml2pdf on the finished HTML", floor, ours, "<= 1.2x")
