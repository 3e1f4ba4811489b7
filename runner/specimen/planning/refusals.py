"""What an experiment asks for and a target cannot give: each is well by itself."""

from specimen.errors import SpecimenError
from specimen.spec.model import Experiment, Target

MOST_TAGS = 50  # of anything on AWS
OURS = 5  # specimen:experiment, :managed, :run, :keep and :used, beside one a variant that says where its manifest is


def refuse(experiment: Experiment, target: Target) -> None:
    """Refuse an endpoint that AWS would not make on this target.

    Raises:
        SpecimenError: the target asks for a network that serverless endpoints do not have, or for too many tags.
    """
    hosting = experiment.hosting
    if hosting is None:
        return
    asked = {"vpc": target.vpc is not None, "networkIsolation": target.network_isolation}
    if hosting.serverless and any(asked.values()):
        # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
        key = next(key for key, there in asked.items() if there)
        raise SpecimenError(
            f"endpoint {hosting.name}: AWS has no serverless endpoints with the `aws.{key}` of target {target.name}",
            hint="write `hosting.resources` instead of `serverless`, or take another target",
        )
    count = len(experiment.labels.keys() | target.tags.keys()) + OURS + len(hosting.variants)
    if count > MOST_TAGS:
        raise SpecimenError(
            f"endpoint {hosting.name}: it would have {count} tags, and AWS takes {MOST_TAGS}",
            hint=f"write fewer `metadata.labels`, or fewer `aws.tags` in target {target.name}",
        )
