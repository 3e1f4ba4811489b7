"""The trials' sections, each once: what all trials share, what some share, and what is one trial's own."""

from collections.abc import Iterator
from dataclasses import dataclass

from specimen_components.report.model import Found, Report, Section, Trial


@dataclass(frozen=True)
class Part:
    """The sections of the steps that the same trials have; `shown` is named by the part's number."""

    trials: tuple[str, ...]
    shown: Trial


def parts(report: Report) -> tuple[Part, ...]:
    """Give the parts, that of the most trials first; each section stands in one of them."""
    owners: dict[tuple[str, ...], dict[str, tuple[str, Section]]] = {}
    sharing = {step.id: step.trials for step in report.steps}
    names = [trial.name for trial in report.trials]
    for trial in report.trials:
        for component, section in _sections(trial):
            who = tuple(name for name in names if name in sharing[section.step])
            owners.setdefault(who, {})[section.step] = (component, section)
    ordered = sorted(owners, key=lambda who: (-len(who), [names.index(name) for name in who]))
    manifests = {trial.name: trial.manifest for trial in report.trials}  # who shares a step shares what it comes from
    return tuple(Part(who, _shown(number, owners[who], manifests[who[0]])) for number, who in enumerate(ordered, 1))


def _sections(trial: Trial) -> Iterator[tuple[str, Section]]:
    yield from trial.sections.items()
    for section in trial.bias:
        yield "bias", section


def _shown(number: int, sections: dict[str, tuple[str, Section]], manifest: Found) -> Trial:
    return Trial(
        name=str(number),
        sections={component: section for component, section in sections.values() if component != "bias"},
        bias=tuple(section for component, section in sections.values() if component == "bias"),
        manifest=manifest,
    )
