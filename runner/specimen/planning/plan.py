"""From an experiment to its steps.

`plan` is pure: the same experiment, target and source digests give the same steps. The trials' steps are drafted in
`specimen.planning.drafts`; here equal steps become one, and what belongs to the experiment as a whole is added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, count

from specimen.planning import hosting
from specimen.planning.digests import canonical, digest
from specimen.planning.drafts import DEBUG, KINDS, Draft
from specimen.planning.refusals import refuse
from specimen.planning.requests import Requests
from specimen.planning.steps import Plan, Ref, Step
from specimen.planning.trials import training_step, trial_name
from specimen.spec.model import Experiment, Hosting, Json, Select, Target

FINISH = "finish"
SELECTED_AFTER = "gate"  # what is done with a trial depends on its being the selected one


def plan(experiment: Experiment, target: Target, sources: Mapping[str, str]) -> Plan:
    """The steps of an experiment, each after all that it needs; the last one is `finish`.

    `sources` gives the content digest of every local source, under the text that names it in the spec.

    Raises:
        SpecimenError: the target cannot do what the experiment asks for.
    """
    refuse(experiment, target)
    steps = tuple(_steps(experiment, target, sources))
    return (*steps, _finish(experiment, target, steps))


def _steps(experiment: Experiment, target: Target, sources: Mapping[str, str]) -> Iterator[Step]:
    yield _experiment(experiment, target)
    drafts = tuple(Draft(experiment, target, trial, sources) for trial in experiment.trials)
    merged: dict[str, dict[str, str]] = {trial.name: {} for trial in experiment.trials}
    for kind in _kinds(drafts):
        for group in _equal(kind, drafts, merged):
            step_id = _free_id(kind, group, experiment, merged)
            for draft in group:
                merged[draft.trial.name][kind] = step_id
            yield replace(group[0], ids=merged, sharing=tuple(draft.trial.name for draft in group)).step(kind)
        if kind == SELECTED_AFTER and experiment.select:
            yield _select(experiment, experiment.select, merged)
    yield from hosting.steps(experiment, target, merged)


def _kinds(drafts: tuple[Draft, ...]) -> Iterator[str]:
    """Every kind of step, in an order in which each comes after all that it needs."""
    for kind in KINDS:
        if kind == DEBUG:
            yield from dict.fromkeys(chain.from_iterable(draft.rules() for draft in drafts))
        yield kind


def _equal(kind: str, drafts: tuple[Draft, ...], merged: Mapping[str, Mapping[str, str]]) -> list[list[Draft]]:
    """The trials that have a step of this kind, those whose steps are equal together."""
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.has(kind):
            step = replace(draft, ids=_with(merged, draft.trial.name, kind)).step(kind)
            groups.setdefault(_likeness(step), []).append(draft)
    return list(groups.values())


def _likeness(step: Step) -> str:
    """All that a step does, as one text; the trials that ask for it do not count."""
    arguments = {
        name: {"$step": value.step, "$output": value.output} if isinstance(value, Ref) else value
        for name, value in step.arguments.items()
    }
    return canonical({"arguments": arguments, "after": sorted(step.after), "gates": list(step.gates)})


def _with(merged: Mapping[str, Mapping[str, str]], trial: str, kind: str) -> Mapping[str, Mapping[str, str]]:
    return {**merged, trial: {**merged[trial], kind: kind}}


def _free_id(kind: str, group: list[Draft], experiment: Experiment, merged: Mapping[str, Mapping[str, str]]) -> str:
    """An ID that names the trial if the step is one trial's alone, and none if several share it."""
    if len(group) == 1 and len(experiment.trials) > 1:
        return f"{kind}-{group[0].trial.name}"
    taken = {ids[kind] for ids in merged.values() if kind in ids} | {f"{kind}-{one.name}" for one in experiment.trials}
    return next(name for name in chain([kind], (f"{kind}-{n}" for n in count(2))) if name not in taken)


def _experiment(experiment: Experiment, target: Target) -> Step:
    names = [trial_name(experiment, trial.name) for trial in experiment.trials]
    requests = Requests(experiment, target, tuple(names))
    return Step(
        id="experiment",
        component="experiment",
        arguments={
            "request": requests.create_experiment(),
            "trials": [requests.create_trial(name) for name in names],
        },
        trials=_everybody(experiment),
    )


def _select(experiment: Experiment, select: Select, merged: Mapping[str, Mapping[str, str]]) -> Step:
    """Which trial is the best; it is told whatever has failed, and takes from the records what it compares."""
    tested = select.metric.startswith("test:")
    candidates: list[Json] = []
    kinds = ("debug", "gate", "model") if hosting.selects(experiment.hosting) else ("debug", "gate")
    for trial, ids in merged.items():
        measured = ids["evaluate"] if tested else training_step(ids)
        settled: dict[str, Json] = {kind: ids[kind] for kind in kinds if kind in ids}
        candidates.append({"trial": trial, "measured": measured, **settled})
    needed = {
        str(step) for one in candidates if isinstance(one, Mapping) for key, step in one.items() if key != "trial"
    }
    return Step(
        id="select",
        component="select",
        arguments={"candidates": candidates, "metric": select.metric, "goal": select.goal},
        trials=_everybody(experiment),
        after=frozenset(needed),
        despite=True,
    )


def _everybody(experiment: Experiment) -> frozenset[str]:
    return frozenset(trial.name for trial in experiment.trials)


def _hosted(asked: Hosting | None) -> dict[str, Json]:
    return {"hosting": {"name": asked.name, "keep": asked.keep}} if asked else {}


def _finish(experiment: Experiment, target: Target, steps: Plan) -> Step:
    described: list[Json] = [
        {
            "id": step.id,
            "component": step.component,
            "trials": sorted(step.trials),
            "needs": sorted(step.needs),
            **({"gates": list(step.gates)} if step.gates else {}),
        }
        for step in steps
    ]
    told: dict[str, Json] = {
        "name": experiment.name,
        **({"description": experiment.description} if experiment.description else {}),
        "labels": dict(experiment.labels),
        "document": experiment.document,
        "digest": digest(experiment.document),
        "target": {"name": target.name, "region": target.region},
        "trials": [trial.name for trial in experiment.trials],
        **_hosted(experiment.hosting),
        "steps": described,
    }
    return Step(
        id=FINISH,
        component=FINISH,
        arguments={"experiment": told},
        trials=frozenset(trial.name for trial in experiment.trials),
    )
