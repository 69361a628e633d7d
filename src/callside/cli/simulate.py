"""``callside simulate``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from callside.cli.options import JsonOption
from callside.cli.printing import show_row, show_rows


def simulate(
    scenario: Annotated[Path, typer.Argument(help="The scenario (TOML); see docs/simulator.md.")],
    agents: Annotated[int, typer.Option(help="So many agents more (+2) or fewer (-1) in the first group.")] = 0,
    seed: Annotated[int | None, typer.Option(help="Another seed: other callers by the same chances.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Where the page with plots is written; beside the scenario by default.")
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no page.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run a scenario on the real floor with a virtual clock: waits, service level, abandonment, occupancy.

    A scenario of campaigns runs on the real pacing: utilisation and abandonment of progressive and predictive.
    """
    from callside.simulation.dial_scenario import is_dialling

    if is_dialling(scenario):
        _dialling(scenario, agents, seed, as_json=as_json)
        return
    from callside.simulation.page import HEAD, page_of, row_of
    from callside.simulation.results import simulate as run
    from callside.simulation.scenario import read_scenario

    wanted = read_scenario(scenario)
    if seed is not None:
        wanted = wanted.model_copy(update={"seed": seed})
    result = run(wanted.with_agents(agents))
    target = html or scenario.with_suffix(".html")
    if not no_html:
        target.write_text(page_of(result), encoding="utf-8")
    if as_json:
        show_row({"agents": result.agents, "queues": [asdict(one) for one in result.queues]}, as_json=True, headline="")
        return
    typer.echo(f"{wanted.name}: {wanted.hours:g} hours, {result.agents} agents, seed {wanted.seed}")
    rows = [dict(zip(HEAD, row_of(queue), strict=True)) for queue in result.queues]
    show_rows(rows, HEAD, as_json=False, empty="")
    if not no_html:
        typer.echo(f"Plots: {target}")


def _dialling(path: Path, agents: int, seed: int | None, *, as_json: bool) -> None:
    from callside.simulation.dial_scenario import HEAD, gains, read_dial_scenario, row_of, simulate_dialling

    wanted = read_dial_scenario(path)
    if seed is not None:
        wanted = wanted.model_copy(update={"seed": seed})
    wanted = wanted.with_agents(agents)
    results = simulate_dialling(wanted)
    if as_json:
        show_rows([asdict(one) for one in results], HEAD, as_json=True, empty="")
        return
    typer.echo(f"{wanted.name}: {wanted.days} days of {wanted.hours:g} hours, seed {wanted.seed}")
    show_rows([dict(zip(HEAD, row_of(one), strict=True)) for one in results], HEAD, as_json=False, empty="")
    for name, gain in gains(results).items():
        typer.echo(f"{name}: predictive fills {gain:.2f} times as much of the agents' time as progressive")
