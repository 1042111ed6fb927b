"""Bars and heat tables from counts: heights, steps and thresholds, ready for the templates to draw."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from newsarchive.article import Value

STEPS = 5
"""Most steps of the heat ramp."""


class Bar(Value, frozen=True):
    """One column of a bar chart."""

    year: int | None
    month: int | None
    count: int
    height: int
    """Of 100; at least 2 where there is anything."""
    largest: bool
    page: str
    """Where the bar leads; empty where it leads nowhere."""


@dataclass(frozen=True, slots=True)
class HeatStep:
    """One step of a heat table's key."""

    step: int
    """From 1 to 5, which colour."""
    low: int
    high: int | None
    """None for the highest, which has no upper bound."""


def height_of(count: int, largest: int) -> int:
    """Height of a bar, of 100, so that even one of many can be seen."""
    return max(2, round(100 * count / largest)) if count and largest else 0


def heat_steps(counts: Iterable[int]) -> tuple[HeatStep, ...]:
    """Cut counts into at most five steps that hold about as many different counts each; zero has none."""
    values = sorted({count for count in counts if count})
    parts = min(STEPS, len(values))
    lows = [values[len(values) * part // parts] for part in range(parts)]
    highs = [low - 1 for low in lows[1:]]
    return tuple(HeatStep(step, low, high) for step, (low, high) in enumerate(zip_longest(lows, highs), 1))


def step_of(count: int, steps: Sequence[HeatStep]) -> int:
    """Step of one count; 0 for none."""
    return max((step.step for step in steps if count >= step.low), default=0) if count else 0
