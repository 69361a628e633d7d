"""A scenario as it is written down (TOML), and what may stand in it."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from callside.acd.model import Strategy
from callside.kernel.errors import InvalidFieldError

Skills = dict[str, Annotated[int, Field(ge=1, le=10)]]
INTERVAL_S = 900


class Part(BaseModel):
    """Base: a misspelt word is an error, not without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Written = TypeVar("Written", bound=Part)


class Duration(Part):
    """How long something takes. ``cv`` is the coefficient of variation, for ``lognormal`` only."""

    mean_s: float = Field(gt=0, le=86_400)
    shape: Literal["exponential", "lognormal", "fixed"] = "exponential"
    cv: float = Field(default=1.0, gt=0, le=10)


class RelaxationPlan(Part):
    """From ``after_s`` on these skills are enough."""

    after_s: int = Field(ge=1, le=86_400)
    skills: Skills = {}


class QueuePlan(Part):
    """A queue and those who call it.

    Attributes:
        calls_per_hour: One rate for all the time; or else
        calls_per_interval: Expected calls of each quarter of an hour, from the beginning on; nobody calls after the last.
        patience: How long callers wait before they give up; left out: for ever.
        talk: From the answer to the hang-up.
        wrap_up: Left out: none.
    """

    name: str = Field(min_length=1, max_length=128)
    calls_per_hour: float | None = Field(default=None, ge=0, le=1_000_000)
    calls_per_interval: tuple[Annotated[float, Field(ge=0, le=250_000)], ...] = ()
    talk: Duration
    wrap_up: Duration | None = None
    patience: Duration | None = None
    strategy: Strategy = Strategy.LONGEST_IDLE
    priority: int = Field(default=0, ge=0, le=100)
    skills: Skills = {}
    relaxation: tuple[RelaxationPlan, ...] = ()
    ring_s: int = Field(default=20, ge=1, le=120)
    max_wait_s: int = Field(default=0, ge=0, le=86_400)
    max_waiting: int = Field(default=0, ge=0)
    service_level_s: int = Field(default=20, ge=1, le=3600)
    short_abandon_s: int = Field(default=5, ge=0, le=3600)

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "QueuePlan":
        if (self.calls_per_hour is None) == (not self.calls_per_interval):
            raise ValueError(f"queue {self.name}: give calls_per_hour or calls_per_interval, one of them")
        return self

    def rate_per_ms(self, second: float) -> float:
        """Expected calls in a millisecond at ``second`` from the beginning."""
        if self.calls_per_hour is not None:
            return self.calls_per_hour / 3_600_000
        interval = int(second // INTERVAL_S)
        there = interval < len(self.calls_per_interval)
        return self.calls_per_interval[interval] / (INTERVAL_S * 1000) if there else 0.0


class AgentsPlan(Part):
    """Some agents who are alike.

    Attributes:
        begin_h: When they log in, hours from the beginning.
        end_h: When they log out (after the call they are on); left out: at the end.
        answer_s: How long it rings before they answer; 0: calls connect at once.
    """

    count: int = Field(ge=0, le=100_000)
    queues: tuple[str, ...] = Field(min_length=1)
    skills: Skills = {}
    begin_h: float = Field(default=0.0, ge=0)
    end_h: float | None = Field(default=None, gt=0)
    answer_s: float = Field(default=0.0, ge=0, le=120)


class Scenario(Part):
    """All of it. ``hours`` of callers; whoever is in by then is served to the end. ``seed`` decides every chance."""

    name: str = Field(min_length=1, max_length=128)
    hours: float = Field(default=8.0, gt=0, le=10_000)
    seed: int = 1
    queues: tuple[QueuePlan, ...] = Field(alias="queue", min_length=1)
    agents: tuple[AgentsPlan, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _queues_exist(self) -> "Scenario":
        names = [queue.name for queue in self.queues]
        if len(set(names)) < len(names):
            raise ValueError("queue: two queues have the same name")
        for group in self.agents:
            for name in group.queues:
                if name not in names:
                    raise ValueError(f'agents: there is no queue "{name}"; there are {", ".join(names)}')
        return self

    def with_agents(self, more: int) -> "Scenario":
        """The same with ``more`` agents (or fewer, where negative) in the first group."""
        first = self.agents[0]
        changed = first.model_copy(update={"count": max(0, first.count + more)})
        return self.model_copy(update={"agents": (changed, *self.agents[1:])})


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file.

    Raises:
        InvalidFieldError: It is no TOML, or something in it cannot be; the message says where.
        OSError: The file cannot be read.
    """
    return validated(Scenario, path)


def validated(kind: type[Written], path: Path) -> Written:
    """What is written in a file, as ``kind``.

    Raises:
        InvalidFieldError: It is no TOML, or something in it cannot be; the message says where.
        OSError: The file cannot be read.
    """
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise InvalidFieldError(f"{path.name}: this is no TOML: {wrong}", field="scenario") from None
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        where = ".".join(str(one) for one in first["loc"])
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise InvalidFieldError(f"{path.name}: {where + ': ' if where else ''}{reason}", field="scenario") from None
