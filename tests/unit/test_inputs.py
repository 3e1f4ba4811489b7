"""What a command works on: the files on this machine that a spec names, each with its content's digest."""

import hashlib
from pathlib import Path

from specimen.inputs import read_inputs
from specimen.planning.plan import plan

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "positive"


def test_tables_and_rules_of_ones_own_are_content_addressed() -> None:
    """The plan refers to where they are uploaded; what lies in S3 already is left where it is."""
    inputs = read_inputs(EXAMPLES / "debugger.yaml", None)
    rule = EXAMPLES / "rules" / "calibration.py"
    digest = hashlib.sha256(rule.read_bytes()).hexdigest()
    uris = {source.named: source.uri for source in inputs.sources}
    assert uris.keys() == {"rules/calibration.py", "table.csv"}
    assert uris["rules/calibration.py"] == f"s3://specimen-local/sources/{digest}/calibration.py"
    train = next(step for step in plan(inputs.experiment, inputs.target, inputs.digests) if step.id == "train")
    request = train.arguments["request"]
    assert isinstance(request, dict)
    sources = [rule["RuleParameters"].get("source_s3_uri") for rule in request["DebugRuleConfigurations"]]
    assert [uri for uri in sources if uri] == [uris["rules/calibration.py"], "s3://risk-ml/rules/drift.py"]


def test_every_local_part_is_read_once() -> None:
    """A part in S3 is where it is."""
    inputs = read_inputs(EXAMPLES / "parts.yaml", None)
    assert [source.named for source in inputs.sources] == ["table.csv"]
    prepare = next(step for step in plan(inputs.experiment, inputs.target, inputs.digests) if step.id == "prepare")
    uri = inputs.sources[0].uri
    assert prepare.arguments["parts"] == {
        "train": uri,
        "validation": "s3://risk-ml/tables/validation.csv",
        "test": uri,
    }
