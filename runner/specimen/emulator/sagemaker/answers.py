"""How each operation answers for what is absent, and for what is there already.

SageMaker has no one way: most older operations answer ValidationException with a sentence of their own, newer ones
ResourceNotFound or ResourceInUse. In a sentence ``{name}`` is the name asked for and ``{arn}`` its ARN. Programs, the
SageMaker SDK among them, look into both code and sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from specimen.emulator.errors import AwsError


@dataclass(frozen=True)
class Answer:
    """An error code and the sentence that goes with it."""

    code: str
    sentence: str

    def error(self, name: str, arn: str) -> AwsError:
        """Form the error for one resource."""
        return AwsError(self.code, self.sentence.format(name=name, arn=arn))


def _invalid(sentence: str) -> Answer:
    return Answer("ValidationException", sentence)


def _unique(word: str) -> Answer:
    return _invalid(
        f"{word} names must be unique within an AWS account and region. {word} with name ({{name}}) already exists."
    )


_JOB_ABSENT = _invalid("Could not find requested job with name: {name}")
_JOB_EXISTS = Answer(
    "ResourceInUse",
    "Job name must be unique within an AWS account and region, and a job with this name already exists ({arn})",
)

ABSENT: Mapping[str, Answer] = {
    "TrainingJob": _invalid("Requested resource not found."),
    "ProcessingJob": _JOB_ABSENT,
    "TransformJob": _JOB_ABSENT,
    "HyperParameterTuningJob": Answer(
        "ResourceNotFound", "Amazon SageMaker can't find a tuning job with the name {name}."
    ),
    "Model": _invalid('Could not find model "{arn}".'),
    "EndpointConfig": _invalid('Could not find endpoint configuration "{arn}".'),
    "Endpoint": _invalid('Could not find endpoint "{arn}".'),
    "Experiment": Answer("ResourceNotFound", "Experiment '{name}' does not exist."),
    "Trial": Answer("ResourceNotFound", "Trial '{name}' does not exist."),
    "TrialComponent": Answer("ResourceNotFound", "Trial Component '{name}' does not exist."),
    "Artifact": Answer("ResourceNotFound", "Artifact '{arn}' does not exist."),
    "Context": Answer("ResourceNotFound", "Context '{name}' does not exist."),
    "Action": Answer("ResourceNotFound", "Action '{name}' does not exist."),
    "ModelPackageGroup": _invalid("ModelPackageGroup {arn} does not exist."),
    "ModelPackage": _invalid("ModelPackage {arn} does not exist."),
}

EXISTS: Mapping[str, Answer] = {
    "TrainingJob": Answer(
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, and a training job with this name "
        "already exists ({arn})",
    ),
    "ProcessingJob": _JOB_EXISTS,
    "TransformJob": _JOB_EXISTS,
    "HyperParameterTuningJob": Answer(
        "ResourceInUse", "A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
    ),
    "Model": _invalid('Cannot create already existing model "{arn}".'),
    "EndpointConfig": _invalid('Cannot create already existing endpoint configuration "{arn}".'),
    "Endpoint": _invalid('Cannot create already existing endpoint "{arn}".'),
    "Experiment": _unique("Experiment"),
    "Trial": _unique("Trial"),
    "TrialComponent": _unique("TrialComponent"),
    "Context": _unique("Context"),
    "Action": _unique("Action"),
    "ModelPackageGroup": _invalid("Model Package Group already exists: {arn}"),
    "ModelPackage": _invalid("Model Package already exists: {arn}"),
}


def absent(kind: str, name: str, arn: str = "") -> AwsError:
    """Form the answer to a request that names an absent resource of a kind."""
    return ABSENT[kind].error(name, arn)


def exists(kind: str, name: str, arn: str = "") -> AwsError:
    """Form the answer to a request that would create what is there already."""
    return EXISTS[kind].error(name, arn)
