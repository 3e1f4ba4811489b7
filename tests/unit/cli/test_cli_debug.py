"""`specimen debug`: what is printed and drawn of tensors, and what is said of those that are not there."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from specimen.cli import execute

from tests.saved_tensors import save

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tensors in a folder."""
    return save(tmp_path / "debug-output")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command and gives its exit code and what it printed."""

    def calling(*arguments: object) -> tuple[int, str, str]:
        code = execute(["debug", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return calling


def test_all_tensors_are_listed(call: Call, folder: Path) -> None:
    code, out, err = call(folder)
    assert (code, err) == (0, "")
    assert out.startswith(
        f"""\
{folder}: 25 tensors, steps 0 to 10, every 5; the training has ended

tensor                             collections         steps
average_shap/bias                  average_shap        0 to 10, every 5
average_shap/f0                    average_shap        0 to 10, every 5
"""
    )
    assert "feature_importance/gain/f0         feature_importance  5 and 10\n" in out
    assert "hyperparameters/eta                hyperparameters     0\n" in out


def test_single_figures_stand_beside_each_other(call: Call, folder: Path) -> None:
    assert call(folder, "validation-rmse", "train-rmse") == (
        0,
        """\
metrics
  step  validation-rmse  train-rmse
  0     4.2500           4.0000
  5     3.6250           3.3750
  10    3.0000           2.7500
""",
        "",
    )


def test_a_collection_and_a_pattern_choose_what_both_hold(call: Call, folder: Path) -> None:
    assert call(folder, "--collection", "feature_importance", "--regex", "/(total_)?gain/f[01]$", "--step", 5)[1] == (
        """\
feature_importance/gain
  step  f0      f1
  5     0.1667  0.3333

feature_importance/total_gain
  step  f0      f1
  5     0.1667  0.3333
"""
    )


def test_a_tensor_that_was_not_saved_at_a_step_has_a_gap(call: Call, folder: Path) -> None:
    _, out, _ = call(folder, "feature_importance/cover/f0", "feature_importance/cover/f2", "--step", 0, "--step", 10)
    assert out == (
        """\
feature_importance/cover
  step  f0      f2
  0     -       0.6000
  10    0.1667  0.5000
"""
    )


def test_the_last_step_is_each_tensors_own(call: Call, folder: Path) -> None:
    _, out, _ = call(folder, "--step", "last", "--regex", "eta|mae", "hyperparameters/objective")
    assert out == (
        """\
hyperparameters
  step  objective         eta
  0     reg:squarederror  0.2000

metrics
  step  validation-mae
  10    2.0000
"""
    )


def test_an_array_is_summed_up(call: Call, folder: Path) -> None:
    assert call(folder, "predictions", "--step", 0, "--step", 10)[1] == (
        """\
predictions
  step  shape  type     least   mean    largest
  0     3      float32  0.1000  0.2500  0.4000
  10    3      float32  0.1000  3.5833  10.4000
"""
    )


def test_json_has_every_value_as_short_as_its_precision(call: Call, folder: Path) -> None:
    code, out, _ = call(folder, "predictions", "average_shap/f1", "hyperparameters/objective", "--format", "json")
    assert code == 0
    assert json.loads(out) == {
        "where": str(folder),
        "ended": True,
        "rules": [],
        "reports": [],
        "tensors": [
            {
                "name": "predictions",
                "feature": None,
                "collections": ["predictions"],
                "steps": [0, 5, 10],
                "values": [[0.1, 0.25, 0.4], [0.1, 0.25, 5.4], [0.1, 0.25, 10.4]],
            },
            {
                "name": "average_shap/f1",
                "feature": None,
                "collections": ["average_shap"],
                "steps": [0, 5, 10],
                "values": [-0.1, -0.6, -1.1],
            },
            {
                "name": "hyperparameters/objective",
                "feature": None,
                "collections": ["hyperparameters"],
                "steps": [0],
                "values": ["reg:squarederror"],
            },
        ],
    }


def test_csv_has_a_row_a_value(call: Call, folder: Path) -> None:
    assert call(folder, "predictions", "train-rmse", "--step", "last", "--format", "csv")[1] == (
        """\
tensor,feature,step,index,value
predictions,,10,0,0.1
predictions,,10,1,0.25
predictions,,10,2,10.4
train-rmse,,10,,2.75
"""
    )


def test_a_listing_as_data_names_all_steps(call: Call, folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call(folder, "--format", "csv")[1])))
    assert len(rows) == 25
    assert rows[0] == {
        "tensor": "average_shap/bias",
        "feature": "",
        "collections": "average_shap",
        "steps": "3",
        "first": "0",
        "last": "10",
    }
    tensors = json.loads(call(folder, "--format", "json")[1])["tensors"]
    assert tensors[-1]["name"] == "validation-rmse"
    assert tensors[-1]["steps"] == [0, 5, 10]
    assert "values" not in tensors[-1]


def test_features_are_counted_and_wide_tables_parted(call: Call, tmp_path: Path) -> None:
    folder = save(tmp_path, (0,), features=24)
    lines = call(folder, "--collection", "average_shap")[1].splitlines()
    headings = [line.split()[1:] for line in lines if line.startswith("  step")]
    assert list(chain(*headings)) == ["bias", *(f"f{number}" for number in range(24))]
    assert len(headings) == 3
    assert max(map(len, lines)) <= 100


def test_a_training_that_goes_on_is_said_to(call: Call, tmp_path: Path) -> None:
    save(tmp_path, ended=False)
    assert "; the training has not ended\n" in call(tmp_path)[1]


def test_values_go_to_a_file(call: Call, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "values.csv"
    asked = (folder, "train-rmse", "--format", "csv")
    assert call(*asked, "-o", output) == (0, f"{output}: 1 tensor of {folder}\n", "")
    assert output.read_text(encoding="utf-8") == call(*asked)[1]


@pytest.mark.parametrize(
    ("asked", "told", "texts"),
    [
        (["metrics"], "metrics", ["rmse", "mae", " train", " validation"]),
        (["importance"], "importance by gain", ["share of gain", " f2"]),
        (["importance", "--by", "total_cover"], "importance by total_cover", ["share of total cover"]),
        (["shap", "--regex", "f[01]$"], "shap", ["average SHAP value", " f0", " f1"]),
    ],
)
def test_pictures_go_to_a_file(
    call: Call, folder: Path, tmp_path: Path, asked: list[str], told: str, texts: list[str]
) -> None:
    output = tmp_path / "picture.svg"
    assert call(folder, "--plot", *asked, "-o", output) == (0, f"{output}: {told} of {folder}\n", "")
    svg = output.read_text(encoding="utf-8")
    assert all(f">{text}</text>" in svg for text in texts)
    if "--regex" in asked:
        assert "> f2</text>" not in svg


def test_a_picture_may_be_a_png(call: Call, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "picture.PNG"
    assert call(folder, "--plot", "metrics", "-o", output)[0] == 0
    assert output.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        (["train-rmsee"], "there is no tensor `train-rmsee` in {folder}", "did you mean `train-rmse`?"),
        (["nothing"], "there is no tensor `nothing` in {folder}", "there are `average_shap/bias`, `average_shap/f0`, "),
        (
            ["--collection", "metric"],
            "there is no collection `metric` in {folder}",
            "did you mean `metrics`?",
        ),
        (
            ["--collection", "trees"],
            "no tensor of the collection `trees` was saved",
            "there are `metrics`, `feature_importance`, ",
        ),
        (["--regex", "["], "`[` is no regular expression: unterminated character set", None),
        (["--regex", "train-rmsf"], "no tensor matches `train-rmsf`", "did you mean `train-rmse`?"),
        (["--collection", "metrics", "--regex", "f0"], "no tensor of `metrics` matches `f0`", "there are "),
        (["--step", 3], "nothing that is asked for was saved at step 3", "there are `0`, `5` and `10`"),
        (["hyperparameters/eta", "--step", 5], "nothing that is asked for was saved at step 5", "there are `0`, "),
        (["--plot", "metrics"], "a picture needs a file", "name it with -o, and let it end in .png or .svg"),
        (["--plot", "metrics", "-o", "x.pdf"], "x.pdf is no name of a picture's file", "name it with -o"),
        (["--plot", "shap", "-o", "x.svg", "--step", 5], "a picture shows all steps", "leave --step out"),
        (["--plot", "shap", "-o", "x.svg", "--by", "gain"], "--by is a type of importance", "leave --by out"),
        (["--aws"], "--aws reads an s3:// URI, and {folder} is none", "leave --aws out, or name the URI"),
    ],
)
def test_what_is_misnamed_is_said(
    call: Call, folder: Path, asked: list[object], message: str, hint: str | None
) -> None:
    code, out, err = call(folder, *asked)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message.format(folder=folder)}")
    if hint:
        assert f"hint: {hint}" in err


@pytest.mark.parametrize(
    ("library", "asked", "said"),
    [("numpy", [], "reading tensors needs"), ("matplotlib", ["--plot", "metrics", "-o", "x.svg"], "drawing needs")],
)
def test_the_extra_that_is_missing_is_named(folder: Path, library: str, asked: list[str], said: str) -> None:
    """What the base installation lacks is asked for by those who need it alone."""
    code = "import sys; sys.modules[sys.argv[1]] = None; from specimen.cli import main; main(sys.argv[2:])"
    command = [sys.executable, "-c", code, library, "debug", str(folder), *asked]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {said} the `local` extra\nhint: pip install 'specimen-ml[local]'\n"


@pytest.mark.parametrize("step", ["-1", "first", "1.5", "\u0663"])
def test_a_step_is_a_number(call: Call, folder: Path, step: str) -> None:
    code, out, err = call(folder, f"--step={step}")
    assert (code, out) == (2, "")
    assert "is neither a whole number nor `last`" in err


def test_what_was_not_saved_is_not_drawn(call: Call, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "p.svg"
    for kind, said in (("importance", "no importance by cover"), ("shap", "no average SHAP values")):
        by = ["--by", "cover"] if kind == "importance" else []
        code, _, err = call(folder, "train-rmse", "--plot", kind, *by, "-o", output)
        assert (code, err.splitlines()[0]) == (1, f"error: {folder} holds {said}")
    assert not output.exists()


@pytest.mark.parametrize(
    ("damage", "content", "asked", "said"),
    [
        ("*000005_worker_0.json", b"{", [], "index/000000000/000000000005_worker_0.json is no index file"),
        ("*_collections.json", b"[]", [], "worker_0_collections.json is no collections file"),
        ("*000005_worker_0.tfevents", b"\0" * 2000, ["train-rmse"], "000000000005_worker_0.tfevents"),
    ],
)
def test_a_damaged_file_is_named(
    call: Call, folder: Path, damage: str, content: bytes, asked: list[str], said: str
) -> None:
    next(folder.rglob(damage)).write_bytes(content)
    code, out, err = call(folder, *asked)
    assert (code, out) == (1, "")
    assert said in err
    assert "hint: what was saved there is damaged; save it again" in err


@pytest.mark.parametrize("parts", [[], ["index"], ["events", "collections"]])
def test_a_folder_of_something_else_is_said_to_be(call: Call, tmp_path: Path, parts: list[str]) -> None:
    for part in parts:
        (tmp_path / part).mkdir()
    code, out, err = call(tmp_path)
    assert (code, out) == (2, "")
    assert err == (
        f"error: there are no saved tensors in {tmp_path}\n"
        "hint: a training job saves to a folder of its own, in debug-output\n"
    )


def test_a_folder_around_them_is_not_far(call: Call, folder: Path) -> None:
    assert call(folder.parent)[2].endswith(f"hint: did you mean {folder}?\n")
