"""One step as a process: the very command that the component's container runs on Kubernetes, forked from a template.

The runner plays KFP's launcher: it hands over an ExecutorInput whose outputs are local files, and reads them back.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from specimen_components.interface import COMPONENTS, Component, Kind, option

from specimen.planning.digests import canonical
from specimen.planning.locations import Locations
from specimen.planning.steps import Argument, Ref, Step
from specimen.running.folder import RunFolder
from specimen.running.outcome import Outcome, State
from specimen.spec.model import Json
from specimen.warm.template import Call, Process, Template

# What components import, in the order in which a run comes to need it, and in steps of a few tenths of a second.
# The one module of ours, which parses the models of AWS's services, is as it was when the run began.
LIBRARIES = (
    *("argparse", "botocore.session", "boto3.session", "s3transfer.manager", "specimen_components.clients:preload"),
    *("numpy", "pandas"),
    *("scipy.sparse", "scipy.linalg", "scipy.spatial", "scipy.optimize", "scipy.stats", "joblib"),
    *("sklearn.base", "sklearn.utils.validation", "sklearn.metrics", "matplotlib.figure"),
    "matplotlib.backends.backend_svg",
)
ERROR = "error: "  # how a component begins the line that says why it failed


@dataclass(frozen=True)
class Processes:
    """Runs steps as processes of the template's until `end`, which also ends those under way."""

    folder: RunFolder
    locations: Locations
    environment: Mapping[str, str]
    template: Template
    say: Callable[[Step, str], None]  # told each line that a step prints
    _live: dict[str, Process] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def execute(self, step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        """Run the step to its end; a component's failure is an outcome, not an error."""
        try:
            return self._outcome(step, outcomes)
        except OSError as error:  # no process to be had, an argument too long, a full disk
            return Outcome(State.FAILED, reason=f"the component could not be run: {error.strerror}")

    def end(self) -> None:
        """Ask every component under way to end; each leaves its job as it is."""
        self._ended.set()
        with self._lock:
            for process in self._live.values():
                process.terminate()

    def _outcome(self, step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        component = COMPONENTS[step.component]
        given = {name: _resolve(argument, outcomes) for name, argument in step.arguments.items()}
        executor_input = self._executor_input(step, component)
        arguments = ["--executor-input", json.dumps(executor_input)]
        arguments += ["--run", self.folder.name, "--record", self.locations.record(self.folder.name, step.id)]
        for name, value in given.items():
            arguments += [option(name), value if isinstance(value, str) else canonical(value)]
        code, lines = self._run(step, Call(f"specimen_components.{component.name}", arguments, self.environment))
        if code == 0:
            return Outcome(State.SUCCEEDED, self._outputs(step, component))
        if self._ended.is_set():
            return Outcome(State.STOPPED, reason="the run was stopped")
        return Outcome(State.FAILED, reason=_reason(code, lines))

    def _run(self, step: Step, call: Call) -> tuple[int, list[str]]:
        tail: list[str] = []
        with self.folder.log(step.id).open("a", encoding="utf-8") as log:
            ours, theirs = os.pipe()
            with os.fdopen(ours, encoding="utf-8", errors="replace") as output:
                try:
                    process = self._begin(step, call, theirs)
                finally:
                    os.close(theirs)
                if process is None:
                    return 143, tail
                try:
                    for line in output:
                        log.write(line)
                        log.flush()
                        tail = [*tail[-19:], line.rstrip("\n")]
                        self.say(step, tail[-1])
                except BaseException:  # a full disk: nobody would hear the component any more
                    process.terminate()
                    raise
                finally:
                    code = process.wait()
                    with self._lock:
                        del self._live[step.id]
        return code, tail

    def _begin(self, step: Step, call: Call, output: int) -> Process | None:
        """Start the step's process, unless all are to end."""
        with self._lock:
            if self._ended.is_set():
                return None
            process = self._live[step.id] = self.template.start(call, output)
            return process

    def _executor_input(self, step: Step, component: Component) -> Mapping[str, Json]:
        parameters = {name: {"outputFile": str(self.folder.output(step.id, name))} for name in component.outputs}
        artifacts: dict[str, Json] = {}
        for name, kind in component.artifacts.items():
            artifact: Mapping[str, Json] = {
                "name": name,
                "type": {"schemaTitle": kind.value},
                "uri": str(self.folder.artifact(step.id, name, kind)),
                "metadata": {},
            }
            artifacts[name] = {"artifacts": [artifact]}
        return {
            "inputs": {},  # the component reads its options
            "outputs": {
                "parameters": parameters,
                "artifacts": artifacts,
                "outputFile": str(self.folder.output(step.id, "executor_output.json")),
            },
        }

    def _outputs(self, step: Step, component: Component) -> Mapping[str, Json]:
        outputs: dict[str, Json] = {}
        for name, kind in component.outputs.items():
            text = self.folder.output(step.id, name).read_text(encoding="utf-8")
            outputs[name] = text if kind is Kind.STRING else json.loads(text)
        return outputs


def environment(server: Mapping[str, str]) -> dict[str, str]:
    """The environment of a component on this machine: nothing in it leads to AWS.

    `server` is what the embedded SageMaker says of itself (endpoint, keys, region).
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SPECIMEN_")) and not name.lower().endswith("_proxy")
    }
    closed = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SPECIMEN_LOCAL": "1",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | dict(server) | closed


def _resolve(argument: Argument, outcomes: Mapping[str, Outcome]) -> Json:
    return outcomes[argument.step].outputs[argument.output] if isinstance(argument, Ref) else argument


def _reason(code: int, lines: list[str]) -> str:
    """The component's own words, from its error line on; else how it ended."""
    for place in range(len(lines) - 1, -1, -1):
        if lines[place].startswith(ERROR):
            return "\n".join([lines[place].removeprefix(ERROR), *lines[place + 1 :]])
    if code < 0:
        return f"the component was ended by signal {-code}"
    return f"the component ended with exit code {code}" + (f": {lines[-1]}" if lines else "")
