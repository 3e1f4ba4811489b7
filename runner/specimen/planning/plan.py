"""From an experiment to its steps.

`plan` is pure: the same experiment, target and source digests give the same steps. What each step sends to AWS is
made in `specimen.planning.requests`; this module knows only which steps there are and what flows between them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from specimen.planning.digests import digest
from specimen.planning.locations import Locations
from specimen.planning.problem import problem
from specimen.planning.requests import Requests, analysis, explanation
from specimen.planning.steps import Argument, Plan, Ref, Step
from specimen.spec.model import Bias, Dataset, Experiment, Explain, Json, Registry, Resources, Scalar, Target, Trial

FINISH = "finish"


def plan(experiment: Experiment, target: Target, sources: Mapping[str, str]) -> Plan:
    """The steps of an experiment, each after all that it needs; the last one is `finish`.

    `sources` gives the content digest of every local source, under the text that names it in the spec.
    """
    steps = tuple(_steps(experiment, target, sources))
    return (*steps, _finish(experiment, target, steps))


def _steps(experiment: Experiment, target: Target, sources: Mapping[str, str]) -> Iterator[Step]:
    yield _experiment(experiment, target)
    for trial in experiment.trials:
        yield from _Draft(experiment, target, trial, sources).steps()


def trial_name(experiment: Experiment, trial: Trial) -> str:
    """The SageMaker trial's name, unique in the account as the experiment's is."""
    return f"{experiment.name}-{trial.name}"


def _experiment(experiment: Experiment, target: Target) -> Step:
    requests = [Requests(experiment, target, trial_name(experiment, trial)) for trial in experiment.trials]
    return Step(
        id="experiment",
        component="experiment",
        arguments={
            "request": requests[0].create_experiment(),
            "trials": [request.create_trial() for request in requests],
        },
        trials=frozenset(trial.name for trial in experiment.trials),
    )


@dataclass(frozen=True)
class _Draft:
    """Drafts the steps of one trial; a step's ID names the trial where there is more than one."""

    experiment: Experiment
    target: Target
    trial: Trial
    sources: Mapping[str, str]

    def steps(self) -> Iterator[Step]:
        trial = self.trial
        yield self._prepare()
        if trial.bias:
            yield self._bias_pre(trial.bias)
        yield self._train()
        yield self._model()
        if trial.bias:
            yield self._bias_post(trial.bias)
        if trial.explain:
            yield self._explain(trial.explain)
        if trial.evaluate:
            yield self._evaluate(trial.evaluate)
        yield self._lineage()
        if trial.gates:
            yield self._gate()
        if trial.registry:
            yield self._register(trial.registry)

    @property
    def requests(self) -> Requests:
        return Requests(self.experiment, self.target, trial_name(self.experiment, self.trial))

    def _prepare(self) -> Step:
        return self._step(
            "prepare",
            {
                "source": self._source(),
                "dataset": dataset_argument(self.trial, problem(self.trial).classes),
                "destination": self._locations.under("data"),
            },
        )

    def _train(self) -> Step:
        return self._job(
            "train",
            {
                "request": self.requests.training(self.trial.training),
                "train": self._ref("prepare", "train"),
                "validation": self._ref("prepare", "validation"),
                "columns": self._ref("prepare", "columns"),
            },
        )

    def _model(self) -> Step:
        return self._step(
            "model",
            {
                "prefix": self._prefix("model"),
                "request": self.requests.model(self.trial.training),
                "artifact": self._ref("train", "artifact"),
            },
        )

    def _bias_pre(self, bias: Bias) -> Step:
        return self._job(
            "bias-pre",
            {
                "request": self.requests.bias(bias, "bias-pre"),
                "config": analysis(self.trial.dataset.label, bias, trained=False),
                "destination": self._locations.under("analysis"),
                "dataset": self._ref("prepare", "train_with_header"),
            },
            component="bias",
        )

    def _bias_post(self, bias: Bias) -> Step:
        return self._job(
            "bias-post",
            {
                "request": self.requests.bias(bias, "bias-post"),
                "config": analysis(self.trial.dataset.label, bias, trained=True),
                "destination": self._locations.under("analysis"),
                "dataset": self._ref("prepare", "test"),
                "columns": self._ref("prepare", "columns"),
                "model": self._ref("model", "model"),
            },
            component="bias",
        )

    def _explain(self, explain: Explain) -> Step:
        return self._job(
            "explain",
            {
                "request": self.requests.explain(explain),
                "config": explanation(self.trial.dataset.label, explain, self.trial.dataset.split.seed),
                "destination": self._locations.under("analysis"),
                "dataset": self._ref("prepare", "test"),
                "columns": self._ref("prepare", "columns"),
                "model": self._ref("model", "model"),
                "baseline": self._ref("prepare", "baseline"),
            },
        )

    def _evaluate(self, resources: Resources) -> Step:
        asked = problem(self.trial)
        return self._job(
            "evaluate",
            {
                "request": self.requests.transform(resources, asked),
                "problem": asked.as_data(),
                "model": self._ref("model", "model"),
                "test": self._ref("prepare", "test"),
            },
        )

    def _lineage(self) -> Step:
        return self._step(
            "lineage",
            {
                "dataset": self.requests.artifact("Dataset", "train"),
                "model": self.requests.artifact("Model", "artifact"),
                "job": self._ref("train", "job"),
                "train": self._ref("prepare", "train"),
                "artifact": self._ref("train", "artifact"),
            },
        )

    def _gate(self) -> Step:
        arguments: dict[str, Argument] = {"gates": self._gates(), "training": self._ref("train", "metrics")}
        if self.trial.evaluate:
            arguments["evaluation"] = self._ref("evaluate", "metrics")
        if self.trial.bias:
            arguments["bias_pre"] = self._ref("bias-pre", "metrics")
            arguments["bias_post"] = self._ref("bias-post", "metrics")
        return self._step("gate", arguments)

    def _register(self, registry: Registry) -> Step:
        biased, evaluated = self.trial.bias is not None, self.trial.evaluate is not None
        explained = self.trial.explain is not None
        arguments: dict[str, Argument] = {
            "group": self.requests.package_group(registry),
            "request": self.requests.package(
                registry, self.trial.training, evaluated=evaluated, biased=biased, explained=explained
            ),
            "artifact": self._ref("train", "artifact"),
        }
        if evaluated:
            arguments["statistics"] = self._ref("evaluate", "statistics")
        if biased:
            arguments["bias_pre"] = self._ref("bias-pre", "analysis")
            arguments["bias_post"] = self._ref("bias-post", "analysis")
        if explained:
            arguments["explanations"] = self._ref("explain", "analysis")
        return self._step("register", arguments, gate=self._id("gate") if self.trial.gates else None)

    def _gates(self) -> list[Json]:
        gates: list[Json] = []
        for gate in self.trial.gates:
            members = {
                "metric": gate.metric,
                "bias": gate.bias,
                "facet": gate.facet,
                "min": gate.minimum,
                "max": gate.maximum,
            }
            gates.append({key: value for key, value in members.items() if value is not None})
        return gates

    def _job(self, kind: str, arguments: Mapping[str, Argument], *, component: str | None = None) -> Step:
        """A step with a job that names the experiment's trial, which must therefore exist before."""
        arguments = {"prefix": self._prefix(kind), **arguments}
        return self._step(kind, arguments, component=component, after=frozenset({"experiment"}))

    def _step(
        self,
        kind: str,
        arguments: Mapping[str, Argument],
        *,
        component: str | None = None,
        after: frozenset[str] = frozenset(),
        gate: str | None = None,
    ) -> Step:
        trials = frozenset({self.trial.name})
        return Step(self._id(kind), component or kind, arguments, trials, after, gate)

    def _id(self, kind: str) -> str:
        return kind if len(self.experiment.trials) == 1 else f"{kind}-{self.trial.name}"

    def _ref(self, kind: str, output: str) -> Ref:
        return Ref(self._id(kind), output)

    def _prefix(self, kind: str) -> str:
        return f"{self.experiment.name}-{self._id(kind)}"

    def _source(self) -> str:
        source = self.trial.dataset.source
        return source if source.startswith("s3://") else self._locations.source(self.sources[source], source)

    @property
    def _locations(self) -> Locations:
        return Locations.of(self.target, self.experiment.name)


def dataset_argument(trial: Trial, classes: int | None) -> dict[str, Json]:
    """What `prepare` is told of the table, with what bias, explanations and the objective will ask of it."""
    dataset, bias, split = trial.dataset, trial.bias, trial.dataset.split
    argument: dict[str, Json] = {
        "format": dataset.format,
        "label": dataset.label,
        "drop": list(dataset.drop),
        "split": {
            "train": split.train,
            "validation": split.validation,
            "test": split.test,
            "seed": split.seed,
            "stratify": split.stratify,
        },
        "facets": {},
        **_filled_in(dataset),
    }
    if classes is not None:
        argument["classes"] = classes
    if bias:
        argument["facets"] = {facet.column: _selected(facet.values, facet.above) for facet in bias.facets}
        argument["favorable"] = _selected(bias.favorable, bias.favorable_above)
        if bias.group is not None:
            argument["group"] = bias.group
    if trial.explain:
        argument["baseline"] = trial.explain.baseline
    return argument


def _filled_in(dataset: Dataset) -> dict[str, Json]:
    """What is made in the place of missing values and rare groups; without either, categories are of no concern."""
    told: dict[str, Json] = {}
    if dataset.impute is not None:
        told["impute"] = dataset.impute
    if dataset.balance is not None:
        told["balance"] = {key: value for key, value in asdict(dataset.balance).items() if value}
    return {"categorical": list(dataset.categorical), **told} if told and dataset.categorical else told


def _selected(values: tuple[Scalar, ...] | None, above: float | None) -> dict[str, Json]:
    return {"values": list(values)} if values is not None else {"above": above}


def _finish(experiment: Experiment, target: Target, steps: Plan) -> Step:
    described: list[Json] = [
        {
            "id": step.id,
            "component": step.component,
            "trials": sorted(step.trials),
            "needs": sorted(step.needs),
            **({"gate": step.gate} if step.gate else {}),
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
        "steps": described,
    }
    return Step(
        id=FINISH,
        component=FINISH,
        arguments={"experiment": told},
        trials=frozenset(trial.name for trial in experiment.trials),
    )
