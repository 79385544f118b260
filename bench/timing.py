"""Medians of small pieces of work, and the row that the table prints."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line: what was done, the floor it is held against, both in seconds or in `unit`, and what is to be reached."""

    work: str
    floor: str
    floor_amount: float
    our_amount: float
    goal: str
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.our_amount / self.floor_amount if self.floor_amount else float("inf")

    def shown(self, amount: float) -> str:
        return seconds_shown(amount) if self.unit == "s" else f"{amount:,.3g} {self.unit}".rstrip()


def median_seconds(act: Callable[[], object], runs: int) -> float:
    """The median over `runs`, after one that is not counted."""
    act()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def processor_seconds(acts: Sequence[Callable[[], object]], runs: int) -> list[float]:
    """The median processor time of each, taken in turns: what else the machine does meanwhile falls on all alike."""
    times: list[list[float]] = [[] for _ in acts]
    for act in acts:
        act()
    for _ in range(runs):
        for act, taken in zip(acts, times, strict=True):
            start = time.process_time()
            act()
            taken.append(time.process_time() - start)
    return [statistics.median(taken) for taken in times]


def seconds_shown(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:,.1f} us"
    return f"{seconds * 1e3:,.2f} ms" if seconds < 1 else f"{seconds:,.2f} s"
