"""Chinese lines: where they may break, that nothing is lost over pages, and that upstream is still what we patch."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from print_samples import SENTENCE, Paper
from xhtml2pdf import reportlab_paragraph

from server.printing.kinsoku import NO_LINE_START, may_break
from server.printing.line_breaker import RELIES_ON

UPSTREAM_VERSION = "0.2.28"
UPSTREAM_DIGEST = "052ac108e4070813"


def test_upstream_still_has_the_code_that_our_line_breaker_replaces_and_calls() -> None:
    """When this fails: read the changes of xhtml2pdf's Paragraph, mend line_breaker, then write the new digest here."""
    source = Path(reportlab_paragraph.__file__).read_text("utf-8")
    found = dict(definitions(ast.parse(source), source))
    assert set(RELIES_ON) <= set(found) | set(vars(reportlab_paragraph))
    digest = hashlib.sha256("".join(found.get(name, "") for name in RELIES_ON).encode()).hexdigest()
    assert (importlib.metadata.version("xhtml2pdf"), digest[:16]) == (UPSTREAM_VERSION, UPSTREAM_DIGEST)


def definitions(tree: ast.Module, source: str) -> Iterator[tuple[str, str]]:
    """Every function, class and method of a module as its file has it, whatever was put in its place since."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, ast.get_source_segment(source, node) or ""
            for inner in node.body:
                if isinstance(node, ast.ClassDef) and isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", ast.get_source_segment(source, inner) or ""


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("表", "面", True),
        ("面", "。", False),
        ("（", "含", False),
        ("含", "）", False),
        ("G", "J", False),
        ("B", "的", True),
        ("2", "6", False),
        ("6", "-", False),
        ("-", "1", False),
        ("-", "b", True),
        ("5", "℃", False),
        (" ", "a", True),
        ("a", " ", False),
        ("☑", "是", False),
        ("☑", "\u00a0", False),
        ("\u00a0", "是", False),
        ("…", "…", False),
        ("、", "技", True),
        ("", "图", True),
    ],
)
def test_a_line_breaks_only_where_chinese_print_allows(before: str, after: str, allowed: bool) -> None:
    assert may_break(before, after) is allowed


def body_lines(paper: Paper) -> list[str]:
    """The lines between header and footer."""
    return [line for page in paper.pages for line in page.strip().splitlines()[1:-1] if line.strip()]


def test_300_chinese_sentences_run_over_pages_and_nothing_is_lost(
    printed: Callable[..., Paper], record: dict[str, Any]
) -> None:
    text = "".join(f"{number}{SENTENCE}" for number in range(300))
    paper = printed(record | {"cause": text}, "{{ paragraph('cause', heading=False) }}")
    assert len(paper.pages) >= 5
    kept = "".join("".join(line.split()) for line in body_lines(paper))
    assert kept == "".join(text.split())


def test_no_line_begins_with_closing_punctuation(printed: Callable[..., Paper], record: dict[str, Any]) -> None:
    paper = printed(record | {"cause": SENTENCE * 40}, "{{ paragraph('cause', heading=False) }}")
    lines = body_lines(paper)
    assert len(lines) > 30
    assert not [line for line in lines if line.strip()[0] in NO_LINE_START]
    assert not [line for line in lines if line.strip()[-1] in "（《“"]


def test_hard_breaks_are_kept(printed: Callable[..., Paper], record: dict[str, Any]) -> None:
    paper = printed(record | {"cause": "甲\n乙\n\n丙"}, "<p>第一行<br/>第二行</p><p>{{ doc.cause | nl2br }}</p>")
    assert [line.strip() for line in body_lines(paper)] == ["第一行", "第二行", "甲", "乙", "丙"]


def test_150_hard_breaks_in_one_paragraph_take_several_pages(printed: Callable[..., Paper], record: dict[str, Any]) -> None:
    paper = printed(record, "<p>{% for row in doc.items %}行{{ loop.index }}<br/>{% endfor %}</p>" * 60)
    assert len(paper.pages) >= 3


def test_a_word_longer_than_the_line_is_cut_not_lost(printed: Callable[..., Paper], record: dict[str, Any]) -> None:
    word = "Ab12" * 100
    paper = printed(record | {"cause": word}, "{{ paragraph('cause', heading=False) }}")
    assert word in paper.run_together


def test_a_choice_is_not_cut_from_its_box_nor_in_two(printed: Callable[..., Paper], record: dict[str, Any]) -> None:
    narrow = '<table class="grid"><tr><td width="12%">{{ choices("items.result", doc.items[0]) }}</td><td>x</td></tr></table>'
    lines = body_lines(printed(record, narrow))
    assert len(lines) == 3
    assert {"合格", "不合格", "不适用"} <= {word for line in lines for word in line.split()}


def test_english_paragraph_over_pages_keeps_its_spaces(printed: Callable[..., Paper], record: dict[str, Any]) -> None:
    text = " ".join(f"The bearing number{number} was replaced." for number in range(400))
    paper = printed(record | {"cause": text}, "{{ paragraph('cause', heading=False) }}")
    kept = " ".join(line.strip() for line in body_lines(paper))
    assert len(paper.pages) >= 3
    assert " ".join(kept.split()) == text
