"""Names are never refused for their length or their characters."""

import re

from hypothesis import given
from hypothesis import strategies as st
from specimen_components import naming

DIGEST = "0123456789abcdef" * 4


@given(prefix=st.text(), attempt=st.integers(1, 10_000))
def test_every_name_is_one_that_sagemaker_takes(prefix: str, attempt: int) -> None:
    name = naming.job_name(prefix, DIGEST, attempt, 32)
    assert len(name) <= 32
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name)


def test_the_prefix_gives_way_and_the_digest_never() -> None:
    assert naming.job_name("credit-default", DIGEST, 1, 63) == "credit-default-0123456789"
    assert naming.job_name("credit-default", DIGEST, 2, 63) == "credit-default-0123456789-2"
    assert naming.job_name("credit-default", DIGEST, 12, 22) == "credit-d-0123456789-12"
    assert naming.job_name("a_b", DIGEST, 1, 63) == "a-b-0123456789"
    assert naming.job_name("--", DIGEST, 1, 63) == "0123456789"


def test_the_limits_are_botocores() -> None:
    assert naming.longest("sagemaker", "CreateTrainingJob", "TrainingJobName") == 63
    assert naming.longest("sagemaker", "CreateHyperParameterTuningJob", "HyperParameterTuningJobName") == 32
