"""The endpoint of an experiment: the step that lets it serve models, and the one that asks it for the test part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specimen.planning.endpoints import EndpointRequests
from specimen.planning.locations import Locations
from specimen.planning.problem import problem
from specimen.planning.sender import asked_in
from specimen.planning.steps import Argument, Ref, Step
from specimen.spec.model import Experiment, Hosting, Json, Target, Trial, Variant, Verify

HOST, VERIFY, SELECT = "host", "verify", "select"
MEGABYTE = 1 << 20
PAYLOAD, SERVERLESS_PAYLOAD = 6 * MEGABYTE, 4 * MEGABYTE  # that AWS takes in one request at most

Ids = Mapping[str, Mapping[str, str]]


def steps(experiment: Experiment, target: Target, ids: Ids) -> Iterator[Step]:
    """The experiment's steps of hosting; `ids` are the trials' steps, by trial and kind."""
    if experiment.hosting:
        draft = _Draft(experiment, experiment.hosting, target, ids)
        yield draft.host()
        if experiment.hosting.verify:
            yield draft.verify(experiment.hosting.verify)


def selects(hosting: Hosting | None) -> bool:
    """Whether a variant is of the trial that `select` chooses, which is known at run time only."""
    return hosting is not None and any(variant.trial is None for variant in hosting.variants)


@dataclass(frozen=True)
class _Draft:
    """Drafts the steps; what they need of a trial is found in the records of its steps at run time."""

    experiment: Experiment
    hosting: Hosting
    target: Target
    ids: Ids

    def host(self) -> Step:
        """The endpoint, once all that it serves has passed its gates."""
        requests = EndpointRequests(self.experiment, self.target, ())
        arguments: dict[str, Argument] = {
            "prefix": self.hosting.name,
            "request": requests.endpoint_config(self.hosting),
            "endpoint_request": requests.endpoint(self.hosting),
            "keep": "true" if self.hosting.keep else "false",
            **self._variants(),
        }
        if self.hosting.autoscaling:
            arguments["autoscaling"] = requests.autoscaling(self.hosting, self.hosting.autoscaling)
        return self._step(HOST, arguments, after=self._made())

    def verify(self, verify: Verify) -> Step:
        """How well and how fast the endpoint answers for the test part."""
        return self._step(
            VERIFY,
            {
                "endpoint": Ref(HOST, "endpoint"),
                "batch": verify.batch,
                "concurrency": verify.concurrency,
                "payload": SERVERLESS_PAYLOAD if self.hosting.serverless else PAYLOAD,
                "destination": Locations.of(self.target, self.experiment.name).under("verification"),
                **self._variants(),
            },
        )

    def _variants(self) -> dict[str, Argument]:
        """The variants with the trials that each may be of; whose it is of several, `select` tells."""
        chosen: dict[str, Argument] = {"selected": Ref(SELECT, "trial")} if selects(self.hosting) else {}
        return {"variants": [self._variant(variant) for variant in self.hosting.variants], **chosen}

    def _variant(self, variant: Variant) -> dict[str, Json]:
        named: dict[str, Json] = {} if variant.trial is None else {"trial": variant.trial}
        candidates: dict[str, Json] = {trial.name: self._candidate(trial) for trial in self._trials(variant)}
        return {"name": variant.name, **named, "candidates": candidates}

    def _candidate(self, trial: Trial) -> dict[str, Json]:
        return {
            "model": self.ids[trial.name]["model"],
            "prepare": self.ids[trial.name]["prepare"],
            "content_type": asked_in(trial.training),
            "problem": problem(trial).as_data(),
        }

    def _trials(self, variant: Variant) -> list[Trial]:
        return [trial for trial in self.experiment.trials if variant.trial in (None, trial.name)]

    def _hosted(self) -> list[str]:
        """The trials that are hosted whatever `select` chooses."""
        return list(dict.fromkeys(variant.trial for variant in self.hosting.variants if variant.trial is not None))

    def _gates(self) -> tuple[str, ...]:
        """The steps whose verdicts say that the models may be served."""
        own = [self.ids[trial]["gate"] for trial in self._hosted() if "gate" in self.ids[trial]]
        return tuple(dict.fromkeys([*own, *([SELECT] if selects(self.hosting) else [])]))

    def _made(self) -> frozenset[str]:
        """The steps that have made what is served; what `select` chooses from is done before it."""
        kinds = ("prepare", "model", "debug")
        ids = (self.ids[trial].get(kind) for trial in self._hosted() for kind in kinds)
        return frozenset(filter(None, ids))

    def _step(self, component: str, arguments: Mapping[str, Argument], *, after: frozenset[str] = frozenset()) -> Step:
        trials = frozenset(trial.name for variant in self.hosting.variants for trial in self._trials(variant))
        return Step(component, component, arguments, trials, after, self._gates())
