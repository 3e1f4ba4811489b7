"""`specimen endpoint`: endpoints listed, asked in the table's own columns, and deleted if they are ours."""

import io
import json
import sys
from pathlib import Path

import pandas as pd
import pytest
from specimen.emulator import control

from tests.unit.cli.conftest import HEADER, Call, Served, row

ROWS = [0, 2, 5, 34]  # incomes 0, 74, 85, 58


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Some of the table's rows, with all of its columns."""
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([HEADER, *map(row, ROWS)]) + "\n", encoding="utf-8")
    return path


def answered(out: str) -> list[str]:
    """The answers, without probabilities."""
    return [line.split(",")[0] for line in out.splitlines()]


def test_endpoints_are_listed_with_the_experiments_that_made_them(call: Call, served: Served) -> None:
    code, out, err = call("endpoint", "list", "--state", served.state)
    lines = [line.split() for line in out.splitlines()]
    assert (code, err, lines[0]) == (0, "", ["endpoint", "status", "experiment", "serves", "kept", "changed"])
    assert [line[:3] for line in lines[1:]] == [
        ["both", "InService", "loans"],
        ["foreign", "InService", "-"],
        ["loans", "InService", "loans"],
    ]
    assert "a on 1, weight 0, b on 1, weight 1  yes" in out
    listed = json.loads(call("endpoint", "list", "--format", "json", "--state", served.state)[1])
    assert (listed[2]["configuration"], listed[2]["keep"], listed[1]["keep"]) == ("loans-config", True, None)
    assert listed[2]["variants"] == [{"name": "likely", "weight": 1.0, "instances": 1}]


def test_rows_are_asked_in_the_tables_columns_and_answered_in_its_classes(
    call: Call, served: Served, table: Path
) -> None:
    code, out, err = call("endpoint", "invoke", "loans", table, "--state", served.state)
    assert (code, err) == (0, "")
    assert answered(out) == ["no", "yes", "yes", "yes"]
    shares = [list(map(float, line.split(",")[1:])) for line in out.splitlines()]
    assert all(no + yes == pytest.approx(1) for no, yes in shares)
    assert [yes > 0.5 for _, yes in shares] == [False, True, True, True]


def test_an_answer_is_decoded_by_the_variant_that_gave_it(call: Call, served: Served, table: Path) -> None:
    """All weight is on the one that answers classes; the other answers probabilities, when it is named."""
    assert call("endpoint", "invoke", "both", table, "--state", served.state)[1] == "no\nyes\nyes\nyes\n"
    text = call("endpoint", "invoke", "both", table, "--variant", "a", "--format", "json", "--state", served.state)[1]
    first = json.loads(text)[0]
    assert (first["row"], first["answer"], first["variant"]) == (1, "no", "a")
    assert list(first["probabilities"]) == ["no", "yes"]


def test_rows_are_taken_from_the_command_line(call: Call, served: Served) -> None:
    """Without the label and what was dropped, or with them."""
    state = ("--state", served.state)
    assert answered(call("endpoint", "invoke", "loans", "--row", "74,Ulm,10", "--row", ",Bonn,", *state)[1])[0] == "yes"
    assert answered(call("endpoint", "invoke", "loans", "--row", row(2), *state)[1]) == ["yes"]


@pytest.mark.parametrize("form", ["stdin", "gzip", "parquet"])
def test_rows_are_read_in_several_forms(
    call: Call, served: Served, table: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = table.with_name(f"rows.{'csv.gz' if form == 'gzip' else 'parquet'}")
    frame = pd.read_csv(table).drop(columns=["paid"])
    match form:
        case "stdin":
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(table.read_bytes())))
        case "gzip":
            frame.to_csv(file, index=False, compression="gzip")
        case _:
            frame.to_parquet(file)
    code, out, err = call("endpoint", "invoke", "loans", "-" if form == "stdin" else file, "--state", served.state)
    assert (code, answered(out), err) == (0, ["no", "yes", "yes", "yes"], "")


def test_answers_go_to_a_file(call: Call, served: Served, table: Path) -> None:
    output = table.with_name("answers.csv")
    code, out, _ = call("endpoint", "invoke", "both", table, "-o", output, "--state", served.state)
    assert (code, out, output.read_text()) == (0, f"{output}: 4 answers of both\n", "no\nyes\nyes\nyes\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said", "hint"),
    [
        (
            ("loans", "--row", "1,Rom,10"),
            1,
            "--row, row 1: column `city` holds `Rom`, which",
            "it knows `Bonn`, `Köln`",
        ),
        (
            ("loans", "--row", "1,Ulm,15"),
            1,
            "column `grade` holds `15`, which the model was not",
            "it knows `10` and `20`",
        ),
        (
            ("loans", "--row", "1,Ulm,x"),
            1,
            "column `grade` holds `x`, which the model was not",
            "it knows `10` and `20`",
        ),
        (
            ("loans", "--row", "1,Ulm,10", "--row", "x,Ulm,10"),
            1,
            "--row: column 'income', row 2: text 'x' where",
            "give",
        ),
        (("loans", "--row", "inf,Ulm,10"), 1, "--row: column 'income', row 1: infinite value", "give rows"),
        (
            ("loans", "--row", "1,2"),
            1,
            "--row 1 has 2 fields, and the table 3",
            "they are `income`, `city` and `grade`",
        ),
        (("loans",), 2, "what is to be asked is one of FILE and --row", "specimen endpoint invoke loans FILE"),
        (("loans", "absent.csv"), 2, "cannot read absent.csv: No such file or directory", ""),
        (("laons", "--row", "1,Ulm,10"), 2, "has no endpoint `laons`", "did you mean `loans`?"),
        (("both", "--variant", "c", "--row", "1,Ulm,10"), 2, "endpoint both has no variant `c`", "there is `a` or `b`"),
        (("foreign", "--row", "1"), 1, "endpoint foreign was not made by Specimen", "nobody here knows its columns"),
    ],
)
def test_what_cannot_be_asked_is_said(
    call: Call, served: Served, arguments: tuple[str, ...], code: int, said: str, hint: str
) -> None:
    found, out, err = call("endpoint", "invoke", *arguments, "--state", served.state)
    assert (found, out) == (code, "")
    assert said in err
    assert f"hint: {hint}" in err or not hint


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        (
            "id,incme,city,grade\n1,2,Ulm,10\n",
            "it lacks the column `income`",
            "is it `incme`? the model was trained on",
        ),
        ("income\n1\n", "it lacks the columns `city` and `grade`", "the model was trained on `income`"),
        (
            "income,city,grade,more\n1,Ulm,10,1\n",
            "trained on has no column `more`",
            "leave it out; its columns are `id`",
        ),
        ("income,city,grade\n1,Ulm,10\n2,Ulm\n", "row 2: it has 2 fields, and the line of names 3", "give rows"),
        ("income,city,grade\n1,Ulm,10,9\n", "row 1: it has 4 fields, and the line of names 3", "give rows"),
        ("income,city,grade\n", "the table has a header but no rows", "give rows"),
        ("", "the table is empty", "give rows"),
        ("income,income\n1,2\n", "duplicate column 'income'", "give rows"),
        ("income,city,grade\n1,\udcff,10\n", "not readable CSV", "give rows"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    call: Call, served: Served, tmp_path: Path, content: str, said: str, hint: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    code, out, err = call("endpoint", "invoke", "loans", path, "--state", served.state)
    assert (code, out) == (1, "")
    assert err.startswith(f"error: {path}")
    assert said in err
    assert f"hint: {hint}" in err


def test_a_manifest_that_is_gone_or_unnamed_is_said_to_be(call: Call, served: Served) -> None:
    ours = {"specimen:experiment": "loans"}
    served.host("unnamed", [served.variant("v", "likely")], **ours)
    served.host(
        "gone", [served.variant("v", "likely")], **ours, **{"specimen:manifest:v": "s3://specimen-local/absent"}
    )
    code, _, err = call("endpoint", "invoke", "unnamed", "--row", "1", "--state", served.state)
    assert (code, "endpoint unnamed has no tag specimen:manifest:v" in err) == (1, True)
    code, _, err = call("endpoint", "invoke", "gone", "--row", "1", "--state", served.state)
    assert (code, err.splitlines()[0]) == (
        1,
        "error: the manifest s3://specimen-local/absent is gone, which says how rows are encoded",
    )
    for name in ("unnamed", "gone"):
        assert call("endpoint", "delete", name, "--state", served.state)[0] == 0


def test_an_endpoint_of_ours_is_deleted_with_its_configuration(call: Call, served: Served) -> None:
    served.host("old", [served.variant("v", "likely")], **{"specimen:experiment": "loans"})
    code, out, err = call("endpoint", "delete", "old", "--state", served.state)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "endpoint old: deleted",
        "endpoint configuration old-config: deleted",
        "its models, its data and its lineage are kept",
    ]
    code, _, err = call("endpoint", "delete", "old", "--state", served.state)
    assert (code, "has no endpoint `old`" in err) == (2, True)


def test_an_endpoint_of_anybody_else_is_left(call: Call, served: Served) -> None:
    code, out, err = call("endpoint", "delete", "foreign", "--state", served.state)
    assert (code, out) == (1, "")
    assert err == (
        "error: endpoint foreign was not made by Specimen: it has no tag specimen:experiment\n"
        "hint: nothing was deleted; if it is yours: aws sagemaker delete-endpoint --endpoint-name foreign\n"
    )
    assert served.client.describe_endpoint(EndpointName="foreign")["EndpointStatus"] == "InService"


def test_aws_is_asked_only_by_name_and_with_the_users_credentials(
    call: Call, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What stands for AWS here is the embedded server, under the user's own variables."""
    server = control.start(served.state)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    asked = ("endpoint", "list", "--aws", "--state", tmp_path)
    assert call(*asked)[2].startswith("error: AWS cannot be asked: You must specify a region.\n")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    assert call(*asked)[2].startswith("error: AWS cannot be asked: Unable to locate credentials\nhint: your own ")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    code, out, err = call(*asked)
    assert (code, "loans" in out, err) == (0, True, "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    code, _, err = call(*asked)
    assert (code, "AWS answers ListEndpoints with " in err, "hint: your own credentials" in err) == (1, True, True)
    assert not (tmp_path / "aws").exists()


def test_where_nothing_was_kept_nothing_is_started(call: Call, tmp_path: Path) -> None:
    code, _, err = call("endpoint", "list", "--state", tmp_path)
    assert (code, err.splitlines()[0]) == (2, f"error: no embedded SageMaker has kept anything in {tmp_path}")
    assert list(tmp_path.iterdir()) == []
