"""A model's trees, fetched from where training left them, when SageMaker's XGBoost made it.

Managed Clarify asks the endpoint alone, row by row. Where the trees can be had, millions of such questions are answered
at once; that they answer as the endpoint does is for the caller to check.
"""

from __future__ import annotations

import io
import tarfile
import zlib
from typing import Any, Final
from urllib.parse import urlsplit

from specimen_jobs.clarify.explanations.forest import Forest, UnreadableModelError, read

REPOSITORY: Final = "xgboost"  # in the name of the image
LARGEST: Final = 2 * 1024**3  # bytes of a model that is read


def forest(sagemaker: Any, s3: Any, model: str) -> Forest:
    """Return the trees of a SageMaker model.

    Raises:
        UnreadableModelError: it is none of XGBoost's, or may not or cannot be read.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        container = sagemaker.describe_model(ModelName=model).get("PrimaryContainer", {})
        if REPOSITORY not in container.get("Image", "").rpartition("/")[2]:
            raise UnreadableModelError("its image is not SageMaker's XGBoost")
        place = urlsplit(container.get("ModelDataUrl", ""), allow_fragments=False)
        if place.scheme != "s3":
            raise UnreadableModelError("it has no artifact in S3")
        packed = s3.get_object(Bucket=place.netloc, Key=place.path.removeprefix("/"))["Body"].read()
    except (BotoCoreError, ClientError) as error:
        raise UnreadableModelError(f"its artifact cannot be read: {error}") from None
    return read(unpacked(packed))


def unpacked(packed: bytes) -> bytes:
    """Return the one file in a model.tar.gz, from which nothing is written anywhere."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            files = [member for member in archive if member.isfile()]
            if len(files) != 1:
                raise UnreadableModelError(f"its artifact holds {len(files)} files, not one")
            if files[0].size > LARGEST:
                raise UnreadableModelError(f"it has {files[0].size} bytes, more than are read for this")
            content = archive.extractfile(files[0])
            return content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise UnreadableModelError(f"its artifact is no archive: {error}") from None
