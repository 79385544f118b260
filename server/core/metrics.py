"""Numbers in the text format that Prometheus reads (version 0.0.4): families of samples, and a histogram of one process.

What is counted where: requests here, everything that stands in the database by `documents.figures`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Family:
    """One metric: its samples by labels. `help` is one line of English, as is usual there."""

    name: str
    type: Literal["gauge", "counter", "histogram"]
    help: str
    samples: Mapping[Labels, float] = field(default_factory=dict)

    def lines(self) -> Iterable[str]:
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.type}"
        for labels, value in sorted(self.samples.items()):
            yield (
                f"{self.name}{_braced(labels)} {value:g}"
                if value != int(value)
                else f"{self.name}{_braced(labels)} {int(value)}"
            )


class Histogram:
    """How long things took, by labels; counted in this process, by as many threads as there are."""

    def __init__(self, name: str, help_text: str) -> None:
        self._name = name
        self._help = help_text
        self._lock = threading.Lock()
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, seconds: float, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        place = next((index for index, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        with self._lock:
            counts = self._counts.setdefault(key, [0] * (len(BOUNDS) + 1))
            counts[place] += 1
            self._sums[key] = self._sums.get(key, 0.0) + seconds

    def lines(self) -> Iterable[str]:
        with self._lock:
            counted = {key: list(counts) for key, counts in self._counts.items()}
            sums = dict(self._sums)
        yield f"# HELP {self._name} {self._help}"
        yield f"# TYPE {self._name} histogram"
        for key, counts in sorted(counted.items()):
            so_far = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                so_far += count
                yield f"{self._name}_bucket{_braced((*key, ('le', bound)))} {so_far}"
            yield f"{self._name}_sum{_braced(key)} {sums[key]:.6f}"
            yield f"{self._name}_count{_braced(key)} {so_far}"


def rendered(families: Iterable[Family | Histogram]) -> str:
    """The whole answer; it ends with a line break."""
    return "".join(f"{line}\n" for family in families for line in family.lines())


def _braced(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
