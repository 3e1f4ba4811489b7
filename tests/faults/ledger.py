"""Everything that was acknowledged while a scene was played; later all of it must still be there."""

import json
from collections.abc import Iterator
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from tests.faults.calls import Call
from tests.faults.proxy import Answer, Forward, Meddle


class Ledger:
    """Lets `meddle` answer, and notes what was asked and what the client was told is done."""

    def __init__(self, meddle: Meddle) -> None:
        self.asked: list[Call] = []
        self._kept: list[tuple[Call, Answer]] = []
        self._meddle = meddle

    def meddle(self, call: Call, forward: Forward) -> Answer:
        """Answer a request."""
        self.asked.append(call)
        answer = self._meddle(call, forward)
        if call.creates and call.operation != "AddTags" and answer.status < 300:  # tags go with what they are on
            self._kept.append((call, answer))
        return answer

    def lost(self, sagemaker: Any, s3: Any) -> Iterator[str]:
        """Name what was acknowledged and is not there."""
        for call, answer in self._kept:
            if self._deleted(call):
                continue
            try:
                found = _there(sagemaker, s3, call, answer)
            except ClientError as error:
                yield f"{call.operation} {call.key} was acknowledged and is lost: {error}"
            else:
                if not found:
                    yield f"{call.operation} {call.key} was acknowledged and is lost"

    def _deleted(self, created: Call) -> bool:
        """Tell whether somebody has asked to delete what was created."""
        if not created.operation.startswith("Create") or created.bucket:
            return False
        thing = created.operation.removeprefix("Create")
        asked = (json.loads(call.body) for call in self.asked if call.operation == f"Delete{thing}")
        name = json.loads(created.body).get(f"{thing}Name")
        return any(one.get(f"{thing}Name") == name for one in asked)


def _there(sagemaker: Any, s3: Any, call: Call, answer: Answer) -> bool:
    if call.operation == "CreateBucket":
        return bool(s3.head_bucket(Bucket=call.bucket))
    if call.bucket:
        return bool(s3.head_object(Bucket=call.bucket, Key=call.key))
    asked, told = json.loads(call.body), json.loads(answer.body)
    if call.operation == "AddAssociation":
        listed = sagemaker.list_associations(SourceArn=asked["SourceArn"], DestinationArn=asked["DestinationArn"])
        return bool(listed["AssociationSummaries"])
    thing = call.operation.removeprefix("Create")
    name = f"{thing}Name"
    by = {name: asked[name]} if name in asked else _by_arn(thing, told)
    return bool(getattr(sagemaker, xform_name(f"Describe{thing}"))(**by))


def _by_arn(thing: str, told: dict[str, str]) -> dict[str, str]:
    """Describe what has no name of its own by the ARN that it was given."""
    arn = told[f"{thing}Arn"]
    return {"ModelPackageName": arn} if thing == "ModelPackage" else {f"{thing}Arn": arn}
