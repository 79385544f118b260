"""The sandbox that print formats run in: Jinja over plain values, everything escaped, nothing of the program within reach.

Attributes are keys of mappings and nothing else (`doc.items` is the child table, `doc.__class__` is nothing); only our block
functions and the template's own macros can be called; filters are a fixed table. The sandbox does not bound time or memory:
templates are rendered in the worker process, which is killed by the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from ..core.text import Text
from ..core.values import to_decimal
from . import display
from .amounts import cn_amount, en_amount
from .blocks import FIELD_FUNCTIONS, OTHER_FUNCTIONS, Blocks
from .job import PrintJob
from .markup import MAX_HTML_CHARACTERS, MarkupRefused
from .page import Page
from .reading import BlockMisused, lines

VARIABLES = (
    "doc", "company", "language", "printed_by", "printed_at", "form_title", "form_number", "form_version", "status", "approvals",
    "record_address", "copy_mark", "linked",
)  # fmt: skip
FUNCTIONS = (*FIELD_FUNCTIONS, *OTHER_FUNCTIONS)
JINJA_FILTERS = (
    "default",
    "d",
    "upper",
    "lower",
    "trim",
    "length",
    "count",
    "first",
    "last",
    "round",
    "abs",
    "join",
    "reverse",
)
JINJA_TESTS = (
    "defined",
    "undefined",
    "none",
    "odd",
    "even",
    "divisibleby",
    "number",
    "string",
    "in",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
)
_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0", "previtem", "nextitem"})
_FORBIDDEN = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.EvalContextModifier: "autoescape",
}


class TemplateFailed(Exception):
    """The template of a print format cannot be rendered; `text` says why, `line` where it is known."""

    def __init__(self, text: Text, line: int | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.line = line


class _Blank(ChainableUndefined):
    """What is not there prints nothing, at any depth."""


class PrintEnvironment(ImmutableSandboxedEnvironment):
    """Jinja with everything taken away that a form does not need."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def __init__(self, filters: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(
            autoescape=True, undefined=_Blank, finalize=_finalize, trim_blocks=True, lstrip_blocks=True, cache_size=0
        )
        self.filters = {name: self.filters[name] for name in JINJA_FILTERS} | dict(filters)
        self.tests = {name: self.tests[name] for name in JINJA_TESTS}
        self.globals.clear()

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            try:
                return obj[argument]
            except IndexError:
                pass
        return self.undefined(name=str(argument)[:80])

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, _Function | Macro)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or isinstance(left, str) or isinstance(right, str):
            raise SecurityError(f"the operator {operator} works on numbers here; join texts with ~")
        if isinstance(left, list | tuple) or isinstance(right, list | tuple):
            raise SecurityError(f"the operator {operator} works on numbers here")
        if isinstance(left, Decimal) or isinstance(right, Decimal):  # exact: 1.06 in a template is a float
            left, right = (to_decimal(side) if isinstance(side, float) else side for side in (left, right))
        if operator == "/" and isinstance(left, int) and isinstance(right, int):
            left = Decimal(left)
        return super().call_binop(context, operator, left, right)


class _Function:
    """Marks what a template may call."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)


def _finalize(value: Any) -> Any:
    return "" if value is None else value


def environment(blocks: Blocks | None) -> PrintEnvironment:
    """The sandbox for one job; without blocks it can check templates but not render them."""
    return PrintEnvironment(filters_of(blocks) if blocks else dict.fromkeys(FILTERS, _finalize))


def filters_of(blocks: Blocks) -> dict[str, Callable[..., Any]]:
    job, reader = blocks.job, blocks.reader

    def capitals(value: Any) -> str:
        amount = to_decimal(value)
        return "" if amount is None else cn_amount(amount)

    def words(value: Any) -> str:
        amount = to_decimal(value)
        return "" if amount is None else cn_amount(amount) if job.language == "zh" else en_amount(amount)

    return {
        "money": display.money,
        "number": display.number,
        "percent": display.percent,
        "cn_amount": capitals,
        "in_words": words,
        "date": lambda value: display.day(value, job.zone),
        "datetime": lambda value: display.moment(value, job.zone),
        "time": lambda value: display.clock(value, job.zone),
        "duration": lambda value: display.duration(value, job.language),
        "checkbox": display.checkbox,
        "choice": lambda value, path: "" if value in (None, "") else reader.field(path).choice(value),
        "nl2br": lambda value: "" if value is None else lines(value),
        "rich": lambda value: Markup() if value in (None, "") else reader.rich(value),
        "truncate": lambda value, length=80: _short(str("" if value is None else value), int(length)),
        "total": lambda rows, column: sum((to_decimal(row.get(column)) or Decimal(0) for row in rows or ()), Decimal(0)),
    }


_FILTER_NAMES = "money number percent cn_amount in_words date datetime time duration checkbox choice nl2br rich truncate total"
FILTERS = tuple(_FILTER_NAMES.split())


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(1, length - 1)] + "…"


def forbidden(tree: nodes.Template) -> list[tuple[int, str]]:
    """(line, tag) of every statement that print formats may not use."""
    return [(node.lineno, word) for kind, word in _FORBIDDEN.items() for node in tree.find_all(kind)]


def render(job: PrintJob) -> str:
    """The body of a designed format. Raises TemplateFailed."""
    source = job.format.html if job.format else ""
    blocks = Blocks(job, job.format.page if job.format else Page())
    sandbox = environment(blocks)
    try:
        for line, word in forbidden(sandbox.parse(source)):
            raise TemplateFailed(Text(f"打印格式不能使用 {word}", f"a print format cannot use {word}"), line)
        template = sandbox.from_string(source)
        body = _collect(template.generate(_variables(job, blocks)))
        # A signed record shows its signatures on every print (21 CFR 11.50), whether or not the format's author thought of it.
        return body if blocks.shows_e_signatures else body + str(blocks.e_signatures())
    except TemplateSyntaxError as error:
        raise TemplateFailed(
            Text(f"模板语法错误：{error.message}", f"template syntax: {error.message}"), error.lineno
        ) from None
    except BlockMisused as error:
        raise TemplateFailed(error.text, _line_of(error)) from None
    except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
        reason = str(error)[:300] or type(error).__name__
        raise TemplateFailed(Text(f"模板无法执行：{reason}", f"the template failed: {reason}"), _line_of(error)) from None


def _variables(job: PrintJob, blocks: Blocks) -> dict[str, Any]:
    form = job.format
    approvals = [
        {
            **{name: blocks.reader.plain(value) for name, value in item.items() if not isinstance(value, Text)},
            "title": job.pick(item.get("title") or ""),
            "at": item.get("at"),
            "decision_label": blocks.decision(item),
        }
        for item in job.approvals
    ]
    values = {
        "doc": job.record,
        "company": job.company,
        "language": job.language,
        "printed_by": job.printed_by,
        "printed_at": job.printed_at,
        "form_title": job.title,
        "record_address": job.record_address or job.name,
        "copy_mark": job.copy_mark,
        "form_number": form.form_number if form else "",
        "form_version": form.form_version if form else "",
        "status": job.status,
        "approvals": approvals,
        "linked": job.linked,
    }
    return values | {name: _Function(function) for name, function in blocks.functions().items()}


def _collect(pieces: Any) -> str:
    found: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_HTML_CHARACTERS:
            raise MarkupRefused(f"more than {MAX_HTML_CHARACTERS:,} characters")
        found.append(piece)
    return "".join(found)


def _line_of(error: BaseException) -> int | None:
    """The template's line where an error arose."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
