"""What a record, a rich text or a print format may try, and that none of it does harm."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from print_samples import FONTS, Paper, designed

from server.core.settings import Settings
from server.metadata.model import DocType, Model
from server.printing.context import PrintContext
from server.printing.markup import MAX_DEPTH, MarkupRefused, clean
from server.printing.service import PrintFailed, PrintService

Printed = Callable[..., Paper]


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A web server that must get no request."""
    requests: list[str] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    found = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found.server_port, requests
    found.shutdown()
    found.server_close()


HOSTILE_VALUES = [
    '<img src="file:///etc/passwd">',
    '<img src="http://127.0.0.1:{port}/x">',
    '<link rel="stylesheet" href="http://127.0.0.1:{port}/x.css">',
    "<style>@import url(http://127.0.0.1:{port}/y.css);"
    " @page {{ background-image: url(http://127.0.0.1:{port}/z.png) }}</style>",
    '<p style="background-image: url(http://127.0.0.1:{port}/s.png)">x</p>',
    "{{{{ 7*7 }}}}",
    "{{% for i in doc %}}{{% endfor %}}",
    "{{{{ ''.__class__.__mro__ }}}}",
    "<script>alert(1)</script>",
    '<pdf:include src="/etc/passwd"/>',
    '<font color="[[[getattr(pow,chr(95))]]]">x</font>',
    '<td colspan="99999999">x</td>',
    "<div>" * 300,
]


@pytest.mark.parametrize("hostile", HOSTILE_VALUES, ids=[value[:24] for value in HOSTILE_VALUES])
def test_a_hostile_value_is_printed_as_the_text_it_is(
    printed: Printed, record: dict[str, Any], listener: tuple[int, list[str]], hostile: str
) -> None:
    port, requests = listener
    value = hostile.format(port=port)
    texts = dict.fromkeys(("contact", "address", "cause"), value)
    paper = printed(record | texts | {"items": [record["items"][0] | {"remark": value}]})
    assert "".join(value.split())[:60] in paper.run_together
    assert "root:" not in paper.text
    assert requests == []


@pytest.mark.parametrize("hostile", HOSTILE_VALUES, ids=[value[:24] for value in HOSTILE_VALUES])
def test_hostile_rich_text_reads_no_file_and_calls_nobody(
    printed: Printed, record: dict[str, Any], listener: tuple[int, list[str]], hostile: str
) -> None:
    port, requests = listener
    value = hostile.format(port=port)
    if hostile.startswith("<div>"):  # too deep to be laid out: said so, nothing else
        with pytest.raises(PrintFailed):
            printed(record | {"note": value})
        return
    paper = printed(record | {"note": value + "<p>其余文字</p>"})
    assert "其余文字" in paper.text
    assert "root:" not in paper.text
    assert requests == []


@pytest.mark.parametrize(
    "hostile", HOSTILE_VALUES[:5] + HOSTILE_VALUES[9:12], ids=[v[:24] for v in HOSTILE_VALUES[:5] + HOSTILE_VALUES[9:12]]
)
def test_even_a_hostile_format_reads_no_file_and_calls_nobody(
    printed: Printed, record: dict[str, Any], listener: tuple[int, list[str]], hostile: str
) -> None:
    port, requests = listener
    paper = printed(record, "<table><tr>" + hostile.format(port=port) + "</tr></table><p>其余文字</p>")
    assert "其余文字" in paper.text
    assert "root:" not in paper.text
    assert requests == []


@pytest.mark.parametrize(
    "template",
    [
        "{{ record.__class__ }}",
        "{{ doc.__class__.__mro__ }}",
        "{{ doc.contact.__class__ }}",
        "{{ ''.__class__ }}",
        "{{ doc['__class__'] }}",
        "{{ fields.__globals__ }}",
        "{{ fields.__call__ }}",
        "{{ fields._function }}",
        "{{ loop }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ doc.pop }}",
        "{{ approvals.append }}",
        "{{ cycler }}",
        "{{ range }}",
        "{{ lipsum }}",
        "{{ dict }}",
        "{{ config }}",
        "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
        "{% for x in doc.items %}{{ loop.__init__ }}{% endfor %}",
    ],
)
def test_the_program_is_out_of_reach_of_a_template(printed: Printed, record: dict[str, Any], template: str) -> None:
    paper = printed(record, f"<p>甲{template}乙</p>")
    assert "甲乙" in paper.run_together or "TemplateReference" in paper.run_together
    for leaked in ("object at", "class", "function", "method", "builtins"):
        assert leaked not in paper.text.replace("TemplateReference", "")


@pytest.mark.parametrize(
    "template",
    [
        "{{ doc.pop('name') }}",
        "{{ approvals.append(1) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ [1] * 100000000 }}",
        "{{ doc.contact | safe }}",
        "{{ doc | attr('pop') }}",
        "{{ doc.items | map(attribute='name') }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% autoescape false %}{{ doc.contact }}{% endautoescape %}",
        "{{ fields('no_such_field') }}",
        "{{ table('contact') }}",
        "{{ range(3) }}",
        "{% if %}",
        "{{ 1 / 0 }}",
    ],
)
def test_what_a_template_may_not_do_fails_with_a_message_and_the_next_print_works(
    printed: Printed, record: dict[str, Any], template: str
) -> None:
    with pytest.raises(PrintFailed) as failure:
        printed(record, f"<p>x</p>\n{template}")
    assert "Service Order RCSH-07" in failure.value.text.en
    assert "SO-2026-00017" in failure.value.text.zh
    assert "请管理员修改" in failure.value.text.zh
    assert len(printed(record, "<p>好</p>").pages) == 1


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[PrintService]:
    found = PrintService(Settings(site_dir=tmp_path, print_timeout_seconds=3), FONTS)
    yield found
    found.close()


BOMBS = {
    "endless loops": "".join(f"{{% for {name} in doc.items %}}" for name in "abcde") + "{% endfor %}" * 5,
    "endless recursion": "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 2) }}{% endmacro %}{{ m(1) }}",
    "doubling text": "{% macro m(t, n) %}{% if n %}{{ m(t ~ t, n - 1) }}{% endif %}{% endmacro %}{{ m('xxxxxxxx', 60) }}",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_template_that_never_ends_is_stopped_and_the_service_goes_on(
    impatient: PrintService, doctype: DocType, model: Model, record: dict[str, Any], context: PrintContext, bomb: str
) -> None:
    many = record | {"items": record["items"] * 60}
    started = time.monotonic()
    with pytest.raises(PrintFailed) as failure:
        impatient.render(doctype, many, designed(BOMBS[bomb]), model, context)
    assert time.monotonic() - started < 3 + 8  # the start of a process is not counted against the document
    assert "SO-2026-00017" in failure.value.text.zh
    assert impatient.render(doctype, record, designed("<p>好</p>"), model, context).startswith(b"%PDF")


def test_a_killed_process_is_replaced(
    impatient: PrintService, doctype: DocType, model: Model, record: dict[str, Any], context: PrintContext
) -> None:
    form = designed("<p>好</p>")
    assert impatient.render(doctype, record, form, model, context).startswith(b"%PDF")
    worker = impatient._workers._free.get()
    assert worker is not None
    worker._process.kill()
    worker._process.join()
    impatient._workers._free.put(worker)
    assert impatient.render(doctype, record, form, model, context).startswith(b"%PDF")


def test_missing_fonts_are_named(
    tmp_path: Path, doctype: DocType, model: Model, record: dict[str, Any], context: PrintContext
) -> None:
    found = PrintService(Settings(site_dir=tmp_path), tmp_path / "nowhere")
    with pytest.raises(PrintFailed) as failure:
        found.render(doctype, record, None, model, context)
    found.close()
    assert "GuijuSans-Regular.ttf" in failure.value.text.zh
    assert "guiju doctor" in failure.value.text.zh


def test_spans_are_bounded_and_nesting_is_refused() -> None:
    assert 'colspan="100"' in clean('<table><tr><td colspan="99999999">x</td></tr></table>')
    assert 'rowspan="1"' in clean('<table><tr><td rowspan="-3">x</td></tr></table>')
    with pytest.raises(MarkupRefused):
        clean("<div>" * 3000)
    assert clean("<div>" * MAX_DEPTH).count("</div>") == MAX_DEPTH


def test_3000_nested_divs_in_a_format_are_refused_quickly(printed: Printed, record: dict[str, Any]) -> None:
    printed(record, "<p>warm</p>")
    started = time.monotonic()
    with pytest.raises(PrintFailed):
        printed(record, "<div>" * 3000)
    assert time.monotonic() - started < 5


def test_a_table_beyond_what_paper_takes_says_what_to_do(printed: Printed, record: dict[str, Any]) -> None:
    with pytest.raises(PrintFailed) as failure:
        printed(record | {"items": record["items"] * 700})
    assert "Excel" in failure.value.text.zh
