"""The tensors that a training job has saved to S3, as the step `debug` reads them."""

from collections.abc import Mapping, Sequence

from specimen_tensors.errors import LayoutError
from specimen_tensors.files import Bucket
from specimen_tensors.trial import Trial

from specimen_components import storage
from specimen_components.clients import translated
from specimen_components.command import Call
from specimen_components.debugging.series import series
from specimen_components.jsondata import Json
from specimen_components.progress import say


def courses(call: Call, uri: str, names: Sequence[str]) -> Mapping[str, Json] | None:
    """Give what the report draws of the tensors under an S3 prefix, as `series` does.

    Tensors that are damaged are said and passed over: None. They fail no training that went well.
    """
    bucket, key = storage.parsed(uri)

    def read() -> Mapping[str, Json]:
        with translated("GetObject"):
            return series(Trial(Bucket(call.aws.client("s3"), bucket, key)), names)

    try:
        return call.ask(read)
    except LayoutError as error:
        say(f"the saved tensors cannot be drawn: {error}")
        return None
