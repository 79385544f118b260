"""The program's own texts, read off its source: pairs of Chinese and English that stand side by side.

A pair is what `Text(...)` and the functions around it take, a tuple, `{"zh": ..., "en": ...}`, or two assignments in a row. A value
in an f-string becomes a place named after it; where the Chinese says `label.zh` and the English `label.en`, the place holds a text
that is translated in its turn. So no call needs to be written differently to be translatable. Reading the source takes about a
second; it is done once in a process, and only where there is a further language.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from inspect import cleandoc
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from .entries import Entry, has_chinese, is_worth_translating

SERVER = Path(__file__).resolve().parent.parent
_CHINESE_SIGNS = re.compile("[“”、。，：；（）！？…《》]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PARTNER = re.compile(r"(?<![A-Za-z])zh(?![A-Za-z])")
_TEXT_OF_OURS = re.compile(r"(?<![A-Za-z])en(?![A-Za-z])")
Part = str | ast.expr  # a literal, or an expression whose value stands there


@cache
def program_entries(root: Path = SERVER) -> tuple[Entry, ...]:
    """All texts of the Python files and templates under `root`, in the order of the files."""
    found: list[Entry] = []
    for file in sorted(root.rglob("*.py")):
        reference = file.relative_to(root.parent).as_posix()
        source = file.read_text("utf-8")
        if has_chinese(source):
            found += _python_entries(source, reference)
    for file in sorted(root.rglob("*.html")):
        found += template_entries(file.read_text("utf-8"), file.relative_to(root.parent).as_posix())
    return tuple(found)


# Python


def _python_entries(source: str, reference: str) -> Iterator[Entry]:
    for node in _told_in_chinese(source):
        for zh, en in _pairs(node):
            yield from _entries(zh, en, f"{reference}:{en.lineno}")


def _told_in_chinese(source: str) -> Iterator[ast.AST]:
    """The nodes of a module, the outer before the inner, without what stands on lines that hold no Chinese: most of a program."""
    so_far = [0]
    for line in source.split("\n"):
        so_far.append(so_far[-1] + (has_chinese(line) or _CHINESE_SIGNS.search(line) is not None))

    def is_told(node: ast.AST) -> bool:
        last = getattr(node, "end_lineno", None)
        if last is None:
            return True
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])  # type: ignore[attr-defined]
        return so_far[last] > so_far[first - 1]

    todo: deque[ast.AST] = deque([ast.parse(source)])
    while todo:
        node = todo.popleft()
        todo.extend(filter(is_told, ast.iter_child_nodes(node)))
        yield node


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(node, ast.Call):
        named = {item.arg: item.value for item in node.keywords if item.arg}
        yield from zip(node.args, node.args[1:], strict=False)
        if "zh" in named:
            english = named.get("en") or named.get("help")
            if english is not None:
                yield named["zh"], english
    elif isinstance(node, ast.Tuple):
        yield from zip(node.elts, node.elts[1:], strict=False)
    elif isinstance(node, ast.Dict):
        keyed = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)}
        if "zh" in keyed and "en" in keyed:
            yield keyed["zh"], keyed["en"]
    elif isinstance(node, ast.FunctionDef):
        yield from _documented(node)
    body = getattr(node, "body", None)
    if isinstance(body, list):
        yield from _assigned(body)


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """`zh = ...` and the `en = ...` that follows it."""
    for first, second in itertools.pairwise(body):
        if isinstance(first, ast.Assign) and isinstance(second, ast.Assign):
            yield first.value, second.value


def _documented(command: ast.FunctionDef) -> Iterator[tuple[ast.expr, ast.expr]]:
    """A command's help: Chinese in its decorator, English as its docstring."""
    english = ast.get_docstring(command, clean=False)
    for decorator in command.decorator_list:
        named = {item.arg: item.value for item in decorator.keywords if item.arg} if isinstance(decorator, ast.Call) else {}
        if english and isinstance(named.get("zh"), ast.Constant):
            yield named["zh"], ast.copy_location(ast.Constant(cleandoc(english)), command)


def _entries(zh: ast.expr, en: ast.expr, reference: str) -> Iterator[Entry]:
    """The text of a pair, if it is one; both branches where each side depends on the same condition."""
    if isinstance(zh, ast.IfExp) and isinstance(en, ast.IfExp) and ast.dump(zh.test) == ast.dump(en.test):
        yield from _entries(zh.body, en.body, reference)
        yield from _entries(zh.orelse, en.orelse, reference)
        return
    in_zh, in_en = _parts(zh), _parts(en)
    chinese, english = ("".join(part for part in parts if isinstance(part, str)) for parts in (in_zh, in_en))
    if not (has_chinese(chinese) or _CHINESE_SIGNS.search(chinese)) or has_chinese(english):
        return
    names = _Names(in_zh, in_en)
    sentence = names.sentence(in_en)
    if is_worth_translating(english) or (names.texts and english):
        yield Entry(names.sentence(in_zh), sentence, "", (reference,), texts=names.texts, optional=names.optional)


def _parts(node: ast.expr) -> list[Part]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else [node]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _parts(value)]
    if isinstance(node, ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_parts(node.left), *_parts(node.right)]
    return [node]


class _Names:
    """Names for the places of a pair: the same value, or the Chinese and the English of one text, share a place."""

    def __init__(self, zh: list[Part], en: list[Part]) -> None:
        self._named: dict[str, str] = {}
        texts, only_here = set(), set()
        written_in_zh = [ast.unparse(part) for part in zh if not isinstance(part, str)]
        partners = {_PARTNER.sub("en", written): written for written in written_in_zh}
        loose = {_without_literals(partner): written for partner, written in partners.items()}
        for part in en:
            if isinstance(part, str):
                continue
            written = ast.unparse(part)
            if written in self._named:
                continue
            name = self._free(_name_of(part))
            self._named[written] = name
            partner = partners.get(written) or loose.get(_without_literals(written))
            if partner is None:
                only_here.add(name)
            else:
                self._named.setdefault(partner, name)
            if _TEXT_OF_OURS.search(_without_literals(written)) and partner != written:
                texts.add(name)
        self.texts, self.optional = frozenset(texts), frozenset(only_here)

    def sentence(self, parts: list[Part]) -> str:
        return "".join(part if isinstance(part, str) else f"{{{self._of(part)}}}" for part in parts)

    def _of(self, part: ast.expr) -> str:
        written = ast.unparse(part)
        if written not in self._named:
            self._named[written] = self._free(_name_of(part))
        return self._named[written]

    def _free(self, name: str) -> str:
        taken, free, number = set(self._named.values()), name, 2
        while free in taken:
            free, number = f"{name}_{number}", number + 1
        return free


def _name_of(part: ast.expr) -> str:
    """`label` for `doctype.label.en`, `name` for `name`, `faults` for `len(faults)`."""
    names = [name for name in _NAME.findall(_without_literals(ast.unparse(part))) if name not in _NO_NAMES]
    if isinstance(part, ast.Attribute | ast.Name) and names:
        return names[-1].removesuffix("_en").removesuffix("_zh")
    return names[0].removesuffix("_en").removesuffix("_zh") if names else "value"


_NO_NAMES = {"zh", "en", "self", "len", "str", "for", "in", "if", "else", "join", "item", "sorted", "repr", "and", "or", "not"}


def _without_literals(written: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "''", written)


# Templates


def template_entries(source: str, reference: str, area: tuple[str, ...] = ("",)) -> Iterator[Entry]:
    """What a page or a print format says by `say("中文", "English")`, `t(...)` or `"中文|English"`."""
    try:
        page = Environment(autoescape=True).parse(source)
    except TemplateSyntaxError:  # a print format that cannot be read is a fault where it is printed, not where it is translated
        return
    for node in page.find_all((nodes.Call, nodes.Const)):
        for zh, en in _written(node):
            if has_chinese(zh) and not has_chinese(en) and is_worth_translating(en):
                yield Entry(zh, en, "", (f"{reference}:{node.lineno}",), area)


def _written(node: nodes.Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, nodes.Call):
        given = [argument.value if isinstance(argument, nodes.Const) else None for argument in node.args]
        for zh, en in itertools.pairwise(given):
            if isinstance(zh, str) and isinstance(en, str):
                yield zh, en
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and "|" in node.value:
        zh, _, en = node.value.partition("|")
        yield zh.strip(), en.strip()
