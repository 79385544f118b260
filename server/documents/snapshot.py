"""What one request works on from start to end: all published metadata at one version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..core.errors import NotFound
from ..core.text import Text, nearest
from ..metadata.list_view import ShippedView
from ..metadata.model import DocType, Model
from ..obligations.model import ASSIGNED, BY_HAND, WORKFLOW
from ..printing.format import PrintFormat
from ..reporting.model import Report
from ..rulebook.rulebook import Rulebook
from ..workflow.model import Workflow


@dataclass(frozen=True)
class Workflows:
    """The workflows in force by DocType, and every version that a record may still run under by its digest."""

    in_force: Mapping[str, Workflow] = field(default_factory=dict)
    by_digest: Mapping[str, Workflow] = field(default_factory=dict)

    @classmethod
    def of(cls, workflows: Iterable[Workflow], past: Iterable[Workflow] = ()) -> Workflows:
        now = list(workflows)
        return cls({item.document_type: item for item in now if item.is_active}, {item.digest: item for item in (*past, *now)})

    @property
    def ways(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """By DocType the actions and the states that rules may name."""
        return {
            doctype: (frozenset(item.action for item in flow.transitions), frozenset(flow.by_name))
            for doctype, flow in self.in_force.items()
        }

    def get(self, doctype: str) -> Workflow | None:
        """The workflow that new records of a DocType go through."""
        return self.in_force.get(doctype)


@dataclass(frozen=True)
class Snapshot:
    model: Model
    rulebook: Rulebook
    print_formats: Mapping[str, PrintFormat] = field(default_factory=dict)
    workflows: Workflows = field(default_factory=Workflows)
    reports: Mapping[str, Report] = field(default_factory=dict)
    list_views: tuple[ShippedView, ...] = ()

    @property
    def version(self) -> int:
        return self.model.version

    def because(self, rule: str, doctype: str) -> Text:
        """The title of the rule or workflow that asks for something."""
        if rule == ASSIGNED:
            return BY_HAND
        if not rule.startswith(WORKFLOW):
            return self.rulebook.title(rule)
        flow = self.workflows.get(doctype)
        name = rule.removeprefix(WORKFLOW)
        return flow.title if flow is not None and flow.name == name else Text.of(name)

    def doctype(self, name: str) -> DocType:
        """The DocType of that name; NotFound with the nearest right word when there is none."""
        found = self.model.get(name)
        if found is None:
            hint = nearest(name, self.model.doctypes)
            raise NotFound(Text(f"没有单据类型“{name}”。{hint.zh}", f'There is no record type "{name}".{hint.en}'))
        return found

    def called_now(self, doctype: str) -> str | None:
        """What a DocType is called now that once had this name; None when there is none, or still one of that name."""
        if doctype in self.model:
            return None
        return next((item.name for item in self.model if item.renamed_from == doctype), None)

    def record_type(self, name: str) -> DocType:
        """A DocType with records of its own; NotFound for a child table, whose rows live in their parents."""
        found = self.doctype(name)
        if found.istable:
            raise NotFound(
                Text(
                    f"{found.label.zh}是子表，请经由所属单据处理。",
                    f"{found.label.en} is a child table; its rows are reached through the record they belong to.",
                )
            )
        return found

    def formats_of(self, doctype: str) -> list[PrintFormat]:
        return [item for item in self.print_formats.values() if item.doctype == doctype]
