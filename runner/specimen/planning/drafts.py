"""The steps of one trial: what flows between them, and which of them there are.

What each step sends to AWS is made in `specimen.planning.requests`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from specimen.errors import SpecimenError
from specimen.planning.analyses import analysis, explanation
from specimen.planning.dataset import dataset_argument
from specimen.planning.debugger import Monitoring, named
from specimen.planning.gates import compared, gates
from specimen.planning.images import LAST_HOOKED, saves_tensors
from specimen.planning.locations import Locations
from specimen.planning.problem import measures, problem
from specimen.planning.requests import Requests
from specimen.planning.steps import Argument, Ref, Step
from specimen.planning.trials import given, training_step, trial_name
from specimen.spec.model import Experiment, Target, Trial


@dataclass(frozen=True)
class Draft:
    """Drafts the steps of one trial.

    `ids` are those of the steps that there are so far, by trial and kind; `sharing` are the trials that a step is for.
    """

    experiment: Experiment
    target: Target
    trial: Trial
    sources: Mapping[str, str]
    ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sharing: tuple[str, ...] = ()

    def has(self, kind: str) -> bool:
        """Whether the trial has a step of this kind."""
        trial = self.trial
        if kind.startswith(RULE):
            return kind in self.rules()
        match kind:
            case "train":
                return trial.tuning is None
            case "tune":
                return trial.tuning is not None
            case "refit":
                return trial.tuning is not None and self._monitoring is not None
            case "debug":
                return self._monitoring is not None
            case "bias-pre" | "bias-post":
                return trial.bias is not None
            case "explain":
                return trial.explain is not None
            case "evaluate":
                return trial.evaluate is not None
            case "gate":
                return bool(trial.gates)
            case "register":
                return trial.registry is not None
            case _:
                return True

    def step(self, kind: str) -> Step:
        """The trial's step of this kind."""
        return self.rule(kind) if kind.startswith(RULE) else KINDS[kind](self)

    def rules(self) -> tuple[str, ...]:
        """The kinds of the trial's steps that run a rule each."""
        return tuple(f"{RULE}{name}" for name in self._monitoring.watchers()) if self._monitoring else ()

    @property
    def requests(self) -> Requests:
        names = tuple(trial_name(self.experiment, trial) for trial in self.sharing)
        return Requests(self.experiment, self.target, names)

    def prepare(self) -> Step:
        """The table's three parts."""
        return self._step(
            "prepare",
            {
                **self._tables(),
                "dataset": dataset_argument(self.trial, problem(self.trial).classes),
                "destination": self._locations.under("data"),
            },
        )

    def train(self) -> Step:
        """The training job."""
        request = self.requests.training(self.trial.training, self._monitoring, measures=measures(self.trial))
        return self._job("train", {"request": request, **self._channels(), **self._stoppers})

    def tune(self) -> Step:
        """The tuning job, whose best training job counts as the trial's."""
        request = self.requests.tuning(self.trial.training, given(self.trial.tuning))
        return self._job("tune", {"request": request, **self._channels()}, tracked=False)

    def refit(self) -> Step:
        """The training job that repeats the best of the tuning's, whose training jobs take no Debugger."""
        request = self.requests.training(
            self.trial.training, self._monitoring, refit=True, measures=measures(self.trial)
        )
        chosen = self._ref("tune", "hyperparameters")
        return self._job(
            "refit",
            {"request": request, "hyperparameters": chosen, **self._channels(), **self._stoppers},
            component="train",
        )

    def rule(self, kind: str) -> Step:
        """A rule that judges the training beside it, and waits for all that it waits for, so as not to pass it."""
        monitoring, name, ids = given(self._monitoring), kind.removeprefix(RULE), self.ids[self.trial.name]
        rule = next((one for one in monitoring.debugger.rules if named(one) == name), None)
        before = [ids[earlier] for earlier in ("prepare", "tune") if earlier in ids]
        return self._step(
            kind,
            {
                "prefix": self._prefix("rule"),
                "request": self.requests.rule(self.trial.training, name, rule, given(monitoring.jobs)),
                "config": monitoring.watchers()[name],
                "destination": monitoring.prefix,
                "train": training_step(ids),
            },
            component="rule",
            after=frozenset({"experiment", *before}),
        )

    def debug(self) -> Step:
        """What Debugger's rules have found in the training."""
        monitoring, ids = given(self._monitoring), self.ids[self.trial.name]
        own = {kind: ids[kind] for kind in self.rules()}
        return self._step(
            "debug",
            {
                "job": self._trained("job"),
                "asked": monitoring.judged({kind.removeprefix(RULE): step for kind, step in own.items()}),
                "prefix": monitoring.prefix,
                "columns": self._ref("prepare", "columns"),
            },
            after=frozenset(own.values()),
        )

    def model(self) -> Step:
        """The model on AWS that the later jobs ask."""
        return self._step(
            "model",
            {
                "prefix": self._prefix("model"),
                "request": self.requests.model(self.trial.training),
                "artifact": self._trained("artifact"),
            },
        )

    def bias_pre(self) -> Step:
        """Bias of the training part."""
        bias = given(self.trial.bias)
        return self._job(
            "bias-pre",
            {
                "request": self.requests.bias(bias, "bias-pre"),
                "config": analysis(self.trial.dataset.label, bias, problem(self.trial), trained=False),
                "destination": self._locations.under("analysis"),
                "dataset": self._ref("prepare", "train_with_header"),
            },
            component="bias",
        )

    def bias_post(self) -> Step:
        """Bias of the model's answers to the test part."""
        bias = given(self.trial.bias)
        return self._job(
            "bias-post",
            {
                "request": self.requests.bias(bias, "bias-post"),
                "config": analysis(self.trial.dataset.label, bias, problem(self.trial), trained=True),
                "destination": self._locations.under("analysis"),
                "dataset": self._ref("prepare", "test"),
                "columns": self._ref("prepare", "columns"),
                "model": self._ref("model", "model"),
            },
            component="bias",
        )

    def explain(self) -> Step:
        """What the model's answers to the test part come from."""
        explain = given(self.trial.explain)
        return self._job(
            "explain",
            {
                "request": self.requests.explain(explain),
                "config": explanation(self.trial.dataset.label, explain, self._seed),
                "destination": self._locations.under("analysis"),
                "dataset": self._ref("prepare", "test"),
                "columns": self._ref("prepare", "columns"),
                "model": self._ref("model", "model"),
                "baseline": self._ref("prepare", "baseline"),
            },
        )

    def evaluate(self) -> Step:
        """How good the model is on the test part."""
        evaluate, asked = given(self.trial.evaluate), problem(self.trial)
        return self._job(
            "evaluate",
            {
                "request": self.requests.transform(evaluate, self.trial.training, asked),
                "problem": asked.as_data(),
                "model": self._ref("model", "model"),
                "test": self._ref("prepare", "test"),
            },
        )

    def lineage(self) -> Step:
        """From the training data to the model."""
        return self._step(
            "lineage",
            {
                "dataset": self.requests.artifact("Dataset", "train"),
                "model": self.requests.artifact("Model", "artifact"),
                "job": self._trained("job"),
                "train": self._ref("prepare", "train"),
                "artifact": self._trained("artifact"),
            },
        )

    def gate(self) -> Step:
        """Whether what comes after it may happen."""
        arguments: dict[str, Argument] = {"gates": gates(self.trial, self.ids), "training": self._trained("metrics")}
        if self.trial.evaluate:
            arguments["evaluation"] = self._ref("evaluate", "metrics")
        if self.trial.bias:
            arguments["bias_pre"] = self._ref("bias-pre", "metrics")
            arguments["bias_post"] = self._ref("bias-post", "metrics")
        return self._step("gate", arguments, after=frozenset(compared(self.trial, self.ids)) | self._debugged)

    def register(self) -> Step:
        """The model's version in its group."""
        registry = given(self.trial.registry)
        arguments: dict[str, Argument] = {
            "group": self.requests.package_group(registry),
            "request": self.requests.package(registry, self.trial),
            "artifact": self._trained("artifact"),
        }
        if self.trial.evaluate:
            arguments["statistics"] = self._ref("evaluate", "statistics")
        if self.trial.bias:
            arguments["bias_pre"] = self._ref("bias-pre", "analysis")
            arguments["bias_post"] = self._ref("bias-post", "analysis")
        if self.trial.explain:
            arguments["explanations"] = self._ref("explain", "analysis")
        if self.experiment.select:
            arguments["selected"] = Ref("select", "trial")
            arguments["trials"] = list(self.sharing)
        if self.trial.gates:
            return self._step("register", arguments, gates=(self._id("gate"),))
        return self._step("register", arguments, after=self._debugged)

    def _job(
        self, kind: str, arguments: Mapping[str, Argument], *, component: str | None = None, tracked: bool = True
    ) -> Step:
        """A step with a job that is put into its trials, which must therefore exist before.

        A job of one trial names it in its request, where it can be `tracked` so; any other is associated with each of
        its trials afterwards.
        """
        arguments = {"prefix": self._prefix(kind), **arguments}
        if len(self.sharing) > 1 or not tracked:
            arguments["trials"] = [trial_name(self.experiment, trial) for trial in self.sharing]
        return self._step(kind, arguments, component=component, after=frozenset({"experiment"}))

    def _step(
        self,
        kind: str,
        arguments: Mapping[str, Argument],
        *,
        component: str | None = None,
        after: frozenset[str] = frozenset(),
        gates: tuple[str, ...] = (),
    ) -> Step:
        return Step(self._id(kind), component or kind, arguments, frozenset(self.sharing), after, gates)

    def _id(self, kind: str) -> str:
        return self.ids[self.trial.name][kind]

    def _ref(self, kind: str, output: str) -> Ref:
        return Ref(self._id(kind), output)

    def _trained(self, output: str) -> Ref:
        return Ref(training_step(self.ids[self.trial.name]), output)

    def _channels(self) -> dict[str, Argument]:
        return {name: self._ref("prepare", name) for name in ("train", "validation", "columns")}

    def _prefix(self, kind: str) -> str:
        """The readable part of a resource's name; it names no trial, so that a job is found again by whoever asks."""
        return f"{self.experiment.name}-{kind}"

    def _tables(self) -> dict[str, Argument]:
        """The table, or with its parts given the three of them."""
        dataset = self.trial.dataset
        if dataset.parts is None:
            return {"source": self._uri(given(dataset.source))}
        return {"parts": {part: self._uri(source) for part, source in dataset.parts.items()}}

    @property
    def _seed(self) -> int:
        """The seed of what is drawn by lot after the split, which has none where the parts are given."""
        split = self.trial.dataset.split
        return split.seed if split else 0

    def _uri(self, source: str) -> str:
        """Where a file lies in S3: a local one's content tells."""
        return source if source.startswith("s3://") else self._locations.source(self.sources[source], source)

    @property
    def _monitoring(self) -> Monitoring | None:
        """How the training is watched; None where that is not asked for, or the target has it off."""
        if self.trial.debugger is None or self.target.debugger == "off":
            return None
        files = {rule.custom.source for rule in self.trial.debugger.rules if rule.custom}
        uris = {file: self._uri(file) for file in files}
        jobs = self.target.images.jobs if self.target.debugger == "own" else None
        found = Monitoring(self.trial.debugger, self.target.region, self._locations.under("debugger"), uris, jobs)
        version = self.trial.training.version
        if jobs is None and found.collections() and not (self.target.embedded or saves_tensors(version)):
            raise SpecimenError(
                f"trial {self.trial.name}: SageMaker's image of XGBoost {version} saves no tensors for Debugger",
                hint=f"set the target's `aws.debugger` to own or off, or take version {LAST_HOOKED}",
            )
        return found

    @property
    def _stoppers(self) -> dict[str, Argument]:
        stoppers = self._monitoring.stoppers if self._monitoring else []
        return {"stoppers": stoppers} if stoppers else {}

    @property
    def _debugged(self) -> frozenset[str]:
        """The step after which the training's rules are settled, if there are any."""
        ids = self.ids[self.trial.name]
        return frozenset({ids["debug"]} if "debug" in ids else ())

    @property
    def _locations(self) -> Locations:
        return Locations.of(self.target, self.experiment.name)


RULE = "rule-"  # how the kinds begin of steps that run one rule each, which come before DEBUG
DEBUG = "debug"
KINDS: Mapping[str, Callable[[Draft], Step]] = {  # in an order in which each comes after all that it needs
    "prepare": Draft.prepare,
    "bias-pre": Draft.bias_pre,
    "train": Draft.train,
    "tune": Draft.tune,
    "refit": Draft.refit,
    DEBUG: Draft.debug,
    "model": Draft.model,
    "bias-post": Draft.bias_post,
    "explain": Draft.explain,
    "evaluate": Draft.evaluate,
    "lineage": Draft.lineage,
    "gate": Draft.gate,
    "register": Draft.register,
}
