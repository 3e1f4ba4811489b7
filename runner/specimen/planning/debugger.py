"""What a training job is told of Debugger, as data: what it saves, who judges it, and how it is measured."""

from collections.abc import Mapping
from dataclasses import dataclass

from specimen.errors import SpecimenError
from specimen.planning.digests import canonical
from specimen.planning.images import rules_image
from specimen.planning.leaves import NAME, join, ref
from specimen.spec.model import Actions, CustomRule, Debugger, Json, Profiler, Rule
from specimen.spec.rulebook import brought, built_in

Request = dict[str, Json]

LONGEST = 256  # botocore's ConfigValue
LONGEST_VARIABLE = 512  # botocore's TrainingEnvironmentValue
TRAINING_JOB = "training_job"  # the component's own: the name of the training job that a rule judges
CHECKPOINTS = "/opt/ml/checkpoints"  # what is written here goes to S3 while the training runs
TENSORS, PROFILES = "debug-output", "profiler-output"
PROFILER_REPORT = "ProfilerReport"
# What reports there are, and where below a rule's output each lies.
REPORTS: Mapping[str, Request] = {
    "CreateXgboostReport": {"name": "xgboost_report", "path": "xgboost_report.html"},
    PROFILER_REPORT: {"name": "profiler_report", "path": "profiler-output/profiler-report.html"},
}
# AWS's container puts the text into a program of its own (smdebug_rulesconfig, `Action.serialize`).
QUOTE = '\\"'


@dataclass(frozen=True)
class Monitoring:
    """Makes the members of one training job; all that Debugger writes lies under the S3 prefix ``<prefix>/<job>``.

    With `jobs`, the image of our own jobs, nothing of AWS's Debugger is used.
    """

    debugger: Debugger
    region: str
    prefix: str
    sources: Mapping[str, str]  # S3 URIs of the files of rules, under the texts that name them in the spec
    jobs: str | None = None

    def members(self) -> Request:
        """The members of CreateTrainingJob by which the training is watched."""
        return self._managed() if self.jobs is None else self._own()

    @property
    def stoppers(self) -> list[Json]:
        """The rules that may stop the training, where steps of their own run them."""
        if self.jobs is None:
            return []
        return [named(rule) for rule in self.debugger.rules if rule.stops]

    def watchers(self) -> Mapping[str, Request]:
        """What the job of each rule is told, by the rule's name, where steps of their own run them."""
        if self.jobs is None:
            return {}
        rules = {
            named(rule): self._told(named(rule), invoked(rule), self.parameters(rule), rule)
            for rule in self.debugger.rules
        }
        if self.debugger.profiler:
            rules[PROFILER_REPORT] = {
                **self._told(PROFILER_REPORT, PROFILER_REPORT, {}),
                "profiler": self._at(PROFILES),
            }
        return rules

    def _told(self, name: str, rule: str, parameters: Request, asked: Rule | None = None) -> Request:
        """A rule's configuration (`specimen_jobs.debugger.config`)."""
        source: Request = {"source": self._located(asked.custom)} if asked and asked.custom else {}
        told: Request = {"rule": rule, "name": name, "parameters": parameters, "training_job": ref(TRAINING_JOB)}
        return {**told, "tensors": self._at(TENSORS), **source}

    def _at(self, folder: str) -> Json:
        return join(f"{self.prefix}/", ref(TRAINING_JOB), f"/{folder}")

    def _own(self) -> Request:
        """What AWS would write into the container as files comes in its environment, and checkpoints take it to S3."""
        environment: Request = {}
        if hook := self._hook():
            environment |= _pieces_of("SPECIMEN_DEBUG_HOOK", {**hook, "LocalPath": f"{CHECKPOINTS}/{TENSORS}"})
        if self.debugger.profiler:
            told = {**self._profiled(self.debugger.profiler), "LocalPath": f"{CHECKPOINTS}/{PROFILES}"}
            environment |= _pieces_of("SPECIMEN_PROFILER", told)
        checkpoints: Request = {"S3Uri": join(f"{self.prefix}/", ref(NAME)), "LocalPath": CHECKPOINTS}
        return {"Environment": environment, "CheckpointConfig": checkpoints}

    def _hook(self) -> Request:
        if not (collections := self.collections()):
            return {}
        return {
            "S3OutputPath": self.prefix,
            **({"HookParameters": dict(self.debugger.hook)} if self.debugger.hook else {}),
            "CollectionConfigurations": collections,
        }

    def _managed(self) -> Request:
        found: Request = {}
        if hook := self._hook():
            found["DebugHookConfig"] = hook
        if self.debugger.rules:
            found["DebugRuleConfigurations"] = [self._rule(rule) for rule in self.debugger.rules]
        if self.debugger.profiler:
            found["ProfilerConfig"] = self._profiled(self.debugger.profiler)
            found["ProfilerRuleConfigurations"] = [
                self._configured(PROFILER_REPORT, {"rule_to_invoke": PROFILER_REPORT}, custom=False)
            ]
        return found

    def collections(self) -> list[Json]:
        """The collections that are saved: what is asked for wins over what the rules bring."""
        wanted = {**brought(rule.rule for rule in self.debugger.rules), **self.debugger.collections}
        return [
            {"CollectionName": name, **({"CollectionParameters": dict(parameters)} if parameters else {})}
            for name, parameters in sorted(wanted.items())
        ]

    def judged(self, steps: Mapping[str, str]) -> list[Json]:
        """The rules as `debug` is told of them: under which name each is found, and what an issue does.

        `steps` are those that run a rule each, by the rules' names.
        """
        rules = [(named(rule), invoked(rule), rule.on_issues) for rule in self.debugger.rules]
        if self.debugger.profiler:
            rules.append((PROFILER_REPORT, PROFILER_REPORT, self.debugger.profiler.on_issues))
        return [
            {
                "name": name,
                "rule": rule,
                "on_issues": on_issues,
                **({"report": REPORTS[rule]} if rule in REPORTS else {}),
                **({"step": steps[name]} if name in steps else {}),
            }
            for name, rule, on_issues in rules
        ]

    def parameters(self, rule: Rule) -> Request:
        """A rule's parameters as AWS's container takes them: its own, whom to compare with, and what to do."""
        found: Request = {"source_s3_uri": self._located(rule.custom)} if rule.custom else {}
        found["rule_to_invoke"] = invoked(rule)
        found |= rule.parameters
        found |= {f"other_trial_{place}": uri for place, uri in enumerate(rule.other_trials)}
        if rule.parameters.get("stop_training_on_fire") == "True":
            found.setdefault("training_job_name_prefix", self._job)
        return found | ({"action_json": action_json(rule.actions, self._job)} if rule.actions else {})

    @property
    def _job(self) -> Json:
        """The training job's name, in its own request or in that of a rule's job."""
        return ref(NAME if self.jobs is None else TRAINING_JOB)

    def _rule(self, rule: Rule) -> Request:
        found = self._configured(named(rule), self.parameters(rule), custom=rule.custom is not None)
        if rule.custom:
            found["InstanceType"] = rule.custom.instance
            if rule.custom.volume is not None:
                found["VolumeSizeInGB"] = rule.custom.volume
        return found

    def _located(self, custom: CustomRule) -> str:
        uri = self.sources.get(custom.source, custom.source)
        if len(uri) > LONGEST:
            raise SpecimenError(
                f"the rule's file {custom.source} would be {uri}, which is longer than AWS takes of a rule's parameter",
                hint=f"at most {LONGEST} characters: shorten the target's `prefix`, or put the file into S3 yourself",
            )
        return uri

    def _configured(self, name: str, parameters: Request, *, custom: bool) -> Request:
        return {
            "RuleConfigurationName": name,
            "RuleEvaluatorImage": rules_image(self.region, custom=custom),
            "S3OutputPath": self.prefix,
            "RuleParameters": parameters,
        }

    def _profiled(self, profiler: Profiler) -> Request:
        interval: Request = {} if profiler.interval is None else {"ProfilingIntervalInMilliseconds": profiler.interval}
        return {"S3OutputPath": self.prefix, "DisableProfiler": False, **interval}


def named(rule: Rule) -> str:
    """What a rule is called in its training job."""
    return invoked(rule) if rule.name is None else rule.name


def invoked(rule: Rule) -> str:
    """The rule itself: AWS's name for it, or the class of one's own."""
    return rule.custom.class_name if rule.custom else built_in()[rule.rule].name


def action_json(actions: Actions, job: Json) -> Json:
    """The actions as AWS's container reads them; `job` is the training job's name."""
    told: list[list[Json]] = []
    if actions.stop_training:
        told.append([_member("name", "stoptraining"), ", ", *_pieces("training_job_prefix", job)])
    for name, address in (("email", actions.email), ("sms", actions.sms)):
        if address is not None:
            told.append([_member("endpoint", address), ", ", _member("name", name)])
    parts: list[Json] = ["["]
    for place, action in enumerate(told):
        parts += [*([", "] if place else []), "{", *action, "}"]
    return _joined([*parts, "]"])


def _pieces_of(variable: str, data: Json) -> Request:
    """A configuration as environment variables: the name, then with _1, _2 and so on behind it."""
    text = canonical(data)
    pieces = [text[start : start + LONGEST_VARIABLE] for start in range(0, len(text), LONGEST_VARIABLE)]
    return {f"{variable}_{place}" if place else variable: piece for place, piece in enumerate(pieces)}


def _member(name: str, value: str) -> str:
    return f"{QUOTE}{name}{QUOTE}: {QUOTE}{value}{QUOTE}"


def _pieces(name: str, value: Json) -> list[Json]:
    return [f"{QUOTE}{name}{QUOTE}: {QUOTE}", value, QUOTE]


def _joined(parts: list[Json]) -> Json:
    """One text, or with a value that is only known at run time the texts around it."""
    found: list[Json] = []
    for part in parts:
        if found and isinstance(part, str) and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found[0] if len(found) == 1 else join(*found)
