"""How AWS says "there is no such thing" and "there is one already": one row an operation, standard library only.

Most operations answer with a ValidationException whose text alone tells it from a malformed request. The fragments
are parts of AWS's own messages, compared without regard to case.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """An error code, and a part of the message where the code alone says too little."""

    code: str
    fragment: str = ""

    def matches(self, code: str, message: str) -> bool:
        """Tell whether an error of this code and message is this answer."""
        return code == self.code and self.fragment in message.lower()


_NOT_FOUND = Answer("ResourceNotFound")
_NOT_FOUND_EXCEPTION = Answer("ResourceNotFoundException")
_IN_USE = Answer("ResourceInUse")


def _validation(*fragments: str) -> tuple[Answer, ...]:
    return tuple(Answer("ValidationException", fragment) for fragment in fragments)


ABSENT: Mapping[str, tuple[Answer, ...]] = {
    "DescribeTrainingJob": (*_validation("requested resource not found"), _NOT_FOUND),
    "DescribeHyperParameterTuningJob": (_NOT_FOUND,),
    "DescribeProcessingJob": (*_validation("could not find requested job"), _NOT_FOUND),
    "DescribeTransformJob": (*_validation("could not find requested job"), _NOT_FOUND),
    "DescribeModel": _validation("could not find model"),
    "DescribeEndpointConfig": _validation("could not find endpoint configuration"),
    "DescribeEndpoint": _validation("could not find endpoint"),
    "CreateEndpoint": _validation("could not find endpoint configuration"),  # what it is to be made of
    "UpdateEndpoint": _validation("could not find endpoint"),
    "DeleteEndpoint": _validation("could not find endpoint"),
    "DeleteEndpointConfig": _validation("could not find endpoint configuration"),
    "InvokeEndpoint": (Answer("ValidationError", "not found"),),
    "DeregisterScalableTarget": (Answer("ObjectNotFoundException"),),
    "DescribeArtifact": (_NOT_FOUND,),
    "DescribeAction": (_NOT_FOUND,),
    "DescribeContext": (_NOT_FOUND,),
    "DescribeExperiment": (_NOT_FOUND,),
    "DescribeTrial": (_NOT_FOUND,),
    "DescribeTrialComponent": (_NOT_FOUND,),
    "DescribeModelPackageGroup": (*_validation("does not exist"), _NOT_FOUND),
    "DescribeModelPackage": (*_validation("does not exist"), _NOT_FOUND),
    "ListModelPackages": (*_validation("does not exist"), _NOT_FOUND),
    "ListAssociations": (_NOT_FOUND,),
    "ListArtifacts": (_NOT_FOUND,),
    "DescribeLogStreams": (_NOT_FOUND_EXCEPTION,),
    "GetLogEvents": (_NOT_FOUND_EXCEPTION,),
    "GetObject": (Answer("NoSuchKey"), Answer("NoSuchBucket"), Answer("404")),
    "HeadObject": (Answer("404"), Answer("NoSuchKey"), Answer("NotFound")),
}
EXISTS: Mapping[str, tuple[Answer, ...]] = {
    "CreateTrainingJob": (_IN_USE,),
    "CreateHyperParameterTuningJob": (_IN_USE,),
    "CreateProcessingJob": (_IN_USE,),
    "CreateTransformJob": (_IN_USE,),
    "CreateModel": (*_validation("already existing model"), _IN_USE),
    "CreateEndpointConfig": (*_validation("already existing endpoint configuration"), _IN_USE),
    "CreateEndpoint": (*_validation("already existing endpoint"), _IN_USE),
    "UpdateEndpoint": _validation("in-progress endpoint"),  # another change of it is under way
    "DeleteEndpoint": _validation("in-progress endpoint"),
    "CreateExperiment": (*_validation("already exists", "must be unique"), _IN_USE),
    "CreateTrial": (*_validation("already exists", "must be unique"), _IN_USE),
    "CreateModelPackageGroup": (*_validation("already exists"), _IN_USE),
    "CreateModelPackage": (Answer("ConflictException"), *_validation("already exists")),
    "CreateArtifact": (*_validation("already exists"), _IN_USE),
    "AddAssociation": (*_validation("already exists"), _IN_USE),
}


def absent(operation: str, code: str, message: str) -> bool:
    """Tell whether the operation's error says that the thing asked for does not exist."""
    return any(answer.matches(code, message) for answer in ABSENT.get(operation, ()))


def exists(operation: str, code: str, message: str) -> bool:
    """Tell whether a create's error says that the thing exists already."""
    return any(answer.matches(code, message) for answer in EXISTS.get(operation, ()))
