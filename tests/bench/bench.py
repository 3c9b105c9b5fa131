"""One run of the benchmark: who is driven, how long, how often, and what came of it."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.driver import Driver, Run, Work
from tests.bench.market import Market

WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What one kind of work came to over all repeats."""

    name: str
    runs: list[Run]
    processors: Mapping[str, float]

    @property
    def rates(self) -> list[float]:
        """Return how many were done in a second, for each repeat."""
        return [run.rate for run in self.runs]

    @property
    def rate(self) -> float:
        """Return the median of the repeats."""
        return statistics.median(self.rates)

    def within_ms(self, percent: int) -> float:
        """Return the median time within which so many of a hundred were done."""
        return statistics.median(run.within_ms(percent) for run in self.runs)

    @property
    def driver_share(self) -> float:
        """Return how much of one processor the driver used."""
        return statistics.median(run.driver_share for run in self.runs)


@dataclass(frozen=True, slots=True)
class Ratio:
    """One kind of work against its floor, repeat by repeat."""

    of: str
    to: str
    values: list[float]
    bar: float

    @property
    def median(self) -> float:
        """Return the median of the repeats."""
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool:
        """Tell whether the bar is reached."""
        return self.median >= self.bar


@dataclass
class Bench:
    """The market, the crowd and the figures so far."""

    market: Market
    driver: Driver
    seconds: float
    repeats: int
    say: Callable[[str], None]
    figures: dict[str, Figure] = field(default_factory=dict)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    promises: dict[str, bool] = field(default_factory=dict)
    plans: list[dict[str, Any]] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """Return what stands in the market, as its furnisher wrote it down."""
        return self.market.facts_of_bench

    def alternate(self, contestants: Mapping[str, Work], *, signed_in: bool = False) -> None:
        """Drive each contestant in turn, repeat by repeat, after a warming up."""
        self.driver.signed_in(self.facts["buyers"] if signed_in else None)
        runs: dict[str, list[Run]] = {name: [] for name in contestants}
        used: dict[str, dict[str, float]] = {name: {} for name in contestants}
        for work in contestants.values():
            self.driver.drive(work, min(WARM_UP_S, self.seconds))
        for repeat in range(self.repeats):
            # Every second repeat runs backwards, so that nobody always comes after the same one.
            order = list(contestants.items())[:: 1 if repeat % 2 == 0 else -1]
            for name, work in order:
                before = self.market.processor_seconds()
                run = self.driver.drive(work, self.seconds)
                after = self.market.processor_seconds()
                runs[name].append(run)
                for program, seconds in after.items():
                    share = max(0.0, seconds - before[program]) / run.seconds / self.repeats
                    used[name][program] = used[name].get(program, 0.0) + share
        for name in contestants:
            figure = self.figures[name] = Figure(name, runs[name], used[name])
            spread = " ".join(f"{rate:.0f}" for rate in figure.rates)
            self.say(
                f"    {name}: {figure.rate:.1f}/s ({spread}), p95 {figure.within_ms(95):.1f} ms"
            )

    def compare(self, of: str, to: str, bar: float) -> None:
        """Form the ratio of two kinds of work that were driven alternately."""
        pairs = zip(self.figures[of].rates, self.figures[to].rates, strict=True)
        self.ratios.append(Ratio(of, to, [ours / floor for ours, floor in pairs], bar))
