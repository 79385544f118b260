"""A workflow as a picture: its states one under the other, the steps of each with who did what and when, who is next.

One SVG made here, the same for everybody who may read the record; it needs no script and is as narrow as a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import east_asian_width

from markupsafe import Markup

from ..core.text import Text
from ..documents.progress import Progress, StepProgress, Voice
from ..workflow.model import Node, Parallel, Quorum, Sequence, State, Step

WIDTH, STATE_HEIGHT, LINE, GAP, INDENT = 320, 38, 17, 14, 12
LETTER = 7.3  # of a Latin letter at 13 px in a wide font; a Chinese one takes twice as much
MARKS = {"approved": "✓", "refused": "✗", "asked": "●", "waiting": "○", "skipped": "–"}
STATUS_TEXTS = {
    "approved": Text("已批准", "approved"), "refused": Text("已驳回", "refused"), "asked": Text("审批中", "asked now"),
    "waiting": Text("未到", "not yet"), "skipped": Text("不需要", "not needed"),
}  # fmt: skip


@dataclass
class _Drawing:
    """The parts of a picture so far, and how far down it has come."""

    parts: list[Markup] = field(default_factory=list)
    y: float = 2

    def add(self, markup: str, *values: object) -> None:
        self.parts.append(Markup(markup).format(*values))


class FlowDiagram:
    """The picture of one record's workflow in one language; `moment` writes a time as the site does, `due` the end of a time."""

    def __init__(
        self, progress: Progress, language: str, moment: Callable[[datetime], str], due: Callable[[datetime], str]
    ) -> None:
        self._progress = progress
        self._language = language
        self._moment = moment
        self._due = due
        self._steps = {step.step.name: step for step in progress.steps}

    def __html__(self) -> str:
        return self.svg()

    def svg(self) -> Markup:
        drawing = _Drawing()
        for number, state in enumerate(self._progress.workflow.states):
            if number:
                drawing.add('<path class="flow-line" d="M{} {}v{}"/>', WIDTH / 2, drawing.y, GAP - 3)
                drawing.add('<path class="flow-tip" d="M{} {}l4 -5h-8z"/>', WIDTH / 2, drawing.y + GAP)
                drawing.y += GAP
            self._state(drawing, state)
        body = Markup("").join(drawing.parts)
        return Markup(
            '<svg class="flow-svg" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">{}</svg>'
        ).format(WIDTH, round(drawing.y + 4), WIDTH, round(drawing.y + 4), self.spoken, body)

    @property
    def spoken(self) -> str:
        """The picture in one sentence, for who does not see it."""
        state = self._progress.state.title
        waiting = [
            f"{step.step.title.to(self._language)} ({self._whom(step)})"
            for step in self._progress.steps
            if step.status == "asked"
        ]
        said = Text(f"流程状态：{state.zh}", f"Workflow state: {state.en}").to(self._language)
        if not waiting:
            return said
        next_is = Text("，等待：", "; waiting for: ").to(self._language)
        return said + next_is + ", ".join(waiting)

    def _state(self, drawing: _Drawing, state: State) -> None:
        progress = self._progress
        is_current = state.name == progress.state.name
        kind = "now" if is_current else "been" if state.name in progress.visited else "ahead"
        drawing.add(
            '<g class="flow-state is-{}"><rect x="1" y="{}" width="{}" height="{}" rx="8"/>',
            kind,
            drawing.y,
            WIDTH - 2,
            STATE_HEIGHT,
        )
        mark = {"now": "●", "been": "✓", "ahead": "○"}[kind]
        drawing.add(
            '<text class="flow-title" x="14" y="{}">{} {}</text>', drawing.y + 24, mark, cut(state.title.to(self._language), 24)
        )
        if is_current and progress.sent_at is not None:
            drawing.add(
                '<text class="flow-when" x="{}" y="{}" text-anchor="end">{}</text>',
                WIDTH - 12,
                drawing.y + 24,
                self._moment(progress.sent_at),
            )
        drawing.add("</g>")
        drawing.y += STATE_HEIGHT
        if state.has_steps:
            drawing.y += 6
            self._node(drawing, progress.tree if is_current else state.steps, INDENT)

    def _node(self, drawing: _Drawing, node: Node, x: float) -> None:
        match node:
            case Step():
                self._step(drawing, node, x)
            case Sequence(parts=parts):
                for part in parts:
                    self._node(drawing, part, x)
            case Parallel(parts=parts, needs=needs):
                drawing.add(
                    '<text class="flow-together" x="{}" y="{}">{}</text>',
                    x + 8,
                    drawing.y + 11,
                    together(needs, len(parts)).to(self._language),
                )
                top = drawing.y + 3
                drawing.y += LINE + 2
                for part in parts:
                    self._node(drawing, part, x + INDENT)
                drawing.add('<path class="flow-bracket" d="M{} {}h-5v{}h5"/>', x + 5, top, drawing.y - top - 6)

    def _step(self, drawing: _Drawing, step: Step, x: float) -> None:
        found = self._steps.get(step.name) or StepProgress(step, "waiting", 0, 0)
        lines = list(self._lines(found))
        height = 24 + LINE * len(lines)
        room = int((WIDTH - x - 34) / LETTER)
        title = step.title.to(self._language)
        label = f"{title} · {STATUS_TEXTS[found.status].to(self._language)}"
        shown = label if cut(label, room) == label else title  # the mark before it says the status too
        drawing.add('<g class="flow-step is-{}"><title>{}</title>', found.status, " | ".join([label, *lines]))
        drawing.add('<rect x="{}" y="{}" width="{}" height="{}" rx="6"/>', x, drawing.y, WIDTH - x - 1, height)
        drawing.add('<text class="flow-mark" x="{}" y="{}">{}</text>', x + 9, drawing.y + 17, MARKS[found.status])
        drawing.add('<text class="flow-name" x="{}" y="{}">{}</text>', x + 25, drawing.y + 17, cut(shown, room))
        for number, line in enumerate(lines):
            drawing.add(
                '<text class="flow-who" x="{}" y="{}">{}</text>', x + 25, drawing.y + 17 + LINE * (number + 1), cut(line, room)
            )
        drawing.add("</g>")
        drawing.y += height + 6

    def _lines(self, step: StepProgress) -> Iterator[str]:
        """Who did what and when, or who is asked until when."""
        for voice in step.voices:
            if voice.decision is not None and voice.decided_at is not None:
                yield self._decided(voice)
            elif voice.state != "void":
                due = ""
                if voice.due_at is not None:
                    due = Text(f" · 限 {self._due(voice.due_at)}", f" · by {self._due(voice.due_at)}").to(self._language)
                late = Text(" · 已超期", " · late").to(self._language) if voice.is_late else ""
                yield Text("等待 ", "waits for ").to(self._language) + voice.asked_in(self._language) + due + late

    def _decided(self, voice: Voice) -> str:
        who = Text(f"{voice.decided_by} 代 {voice.decided_for}", f"{voice.decided_by} for {voice.decided_for}")
        name = who.to(self._language) if voice.decided_for else voice.decided_by
        mark = "✓" if voice.decision == "approved" else "✗"
        said = f" · {voice.comment}" if voice.comment else ""
        return f"{mark} {name} {self._moment(voice.decided_at) if voice.decided_at else ''}{said}"

    def _whom(self, step: StepProgress) -> str:
        return ", ".join(
            voice.asked_in(self._language) for voice in step.voices if voice.decision is None and voice.state != "void"
        )


def together(needs: Quorum, of: int) -> Text:
    """What a group of parallel branches asks."""
    needed = needs.needed(of)
    if needed == of:
        return Text("同时进行，须全部同意", "at once; all must agree")
    return Text(f"同时进行，{of} 中须 {needed} 同意", f"at once; {needed} of {of} must agree")


def cut(text: str, room: int) -> str:
    """As much of a text as fits into the width of `room` Latin letters."""
    taken = 0
    for number, letter in enumerate(text):
        taken += 2 if east_asian_width(letter) in "WF" else 1
        if taken > room:
            return text[: max(1, number - 1)] + "…"
    return text


__all__ = ["FlowDiagram", "cut"]
