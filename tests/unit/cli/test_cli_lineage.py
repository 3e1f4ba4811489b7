"""`specimen lineage`: from the data to whatever a model became."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Call, Served


def test_an_endpoint_is_led_to_from_its_data(call: Call, served: Served) -> None:
    """Through the training job and the model; the model's package is drawn too."""
    code, out, err = call("lineage", "loans", "--state", served.state)
    lines = out.splitlines()
    assert code == 0
    assert [line.split(" ")[0] for line in lines[:2]] == ["DataSet", "└─"]
    depth = {
        what: next(line for line in lines if f"─ {what}" in line).index(what)
        for what in ("TrainingJob", "Model ", "ModelPackage", "ModelDeployment loans-", "Endpoint loans")
    }
    assert [depth[what] for what in depth] == [3, 6, 9, 9, 12]
    assert lines[0].endswith("/train.csv")
    assert any("← DataSet" in line and line.endswith("/validation.csv") for line in lines)
    assert "Endpoint loans (InService)" in out
    assert err.splitlines() == [
        "drawn for endpoint loans; --kind package-group draws what else has the name",
        "drawn for endpoint loans; --kind experiment draws what else has the name",
    ]


def test_a_group_a_job_and_an_experiment_lead_to_the_endpoint_too(call: Call, served: Served) -> None:
    job = served.output("train-likely", "job")
    for arguments in (("loans", "--kind", "package-group"), (job,), ("loans", "--kind", "experiment")):
        code, out, err = call("lineage", *arguments, "--state", served.state)
        assert (code, err) == (0, "")
        assert out.startswith("DataSet ")
        assert f"TrainingJob {job}" in out
        assert "Endpoint loans (InService)" in out


def test_a_deleted_endpoint_is_still_led_to(call: Call, served: Served) -> None:
    served.host("Past", [served.variant("v", "certain")], **{"specimen:experiment": "loans"})
    assert call("endpoint", "delete", "Past", "--state", served.state)[0] == 0
    code, out, _ = call("lineage", "past", "--state", served.state)
    assert (code, "Endpoint past (deleted)" in out) == (0, True)


def test_a_lineage_is_written_as_json_and_as_a_chart(call: Call, served: Served, tmp_path: Path) -> None:
    document = json.loads(call("lineage", "loans", "--format", "json", "--state", served.state)[1])
    arns = {one["arn"]: one["type"] for one in document["entities"]}
    assert document["subject"] == "endpoint loans"
    assert {"DataSet", "TrainingJob", "Model", "ModelDeployment", "Endpoint"} <= set(arns.values())
    edges = {(arns[one["source"]], one["type"], arns[one["destination"]]) for one in document["associations"]}
    assert ("TrainingJob", "Produced", "Model") in edges
    output = tmp_path / "lineage.mmd"
    code, out, _ = call("lineage", "loans", "--format", "mermaid", "-o", output, "--state", served.state)
    assert (code, out) == (0, f"{output}: lineage of endpoint loans\n")
    assert output.read_text(encoding="utf-8").startswith('flowchart LR\n  n0["Endpoint loans (InService)"]\n')


@pytest.mark.parametrize(
    ("arguments", "said", "hint"),
    [
        (
            ("laons",),
            "has no endpoint, package-group, training-job or experiment `laons`",
            "did you mean endpoint `loans`?",
        ),
        (("loan", "--kind", "experiment"), "has no experiment `loan`", "did you mean experiment `loans`?"),
        (("loans_1", "--kind", "endpoint"), "has no endpoint `loans_1`", "did you mean endpoint `loans`?"),
        (("zzzzzz",), "`zzzzzz`", "--state names another state folder"),
    ],
)
def test_a_name_of_nothing_is_said_to_be(
    call: Call, served: Served, arguments: tuple[str, ...], said: str, hint: str
) -> None:
    code, out, err = call("lineage", *arguments, "--state", served.state)
    assert (code, out) == (2, "")
    assert said in err
    assert f"hint: {hint}" in err
