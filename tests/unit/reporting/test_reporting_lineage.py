"""A lineage as text and as a chart, to the letter."""

import json
from collections.abc import Sequence

import pytest
from specimen.lineage.graph import Association, Entity, Graph
from specimen.reporting.lineage import as_json, as_mermaid, as_text

KINDS = {"d": "DataSet", "v": "DataSet", "i": "Image", "j": "TrainingJob", "m": "Model", "e": "Endpoint"}


def graph(edges: Sequence[str], **names: str) -> Graph:
    """Entities by one letter each, the kind of which it tells; an edge is two of them."""
    letters = dict.fromkeys("".join(edges))
    entities = {
        letter: Entity(
            letter, "TrialComponent" if letter == "j" else "Artifact", KINDS[letter[0]], names.get(letter, letter)
        )
        for letter in letters
    }
    return Graph("endpoint e", entities, [Association(one[0], one[1], "ContributedTo") for one in edges])


def test_what_leads_to_several_things_is_told_at_each() -> None:
    """Each entity is drawn once, below the first of what leads to it."""
    assert as_text(graph(["ij", "dj", "vj", "jm", "me", "ie"])) == (
        "DataSet d\n"
        "└─ TrainingJob j\n"
        "   │  ← Image i\n"
        "   │  ← DataSet v\n"
        "   └─ Model m\n"
        "      └─ Endpoint e\n"
        "            ← Image i\n"
    )


def test_what_two_things_lead_to_is_drawn_below_one() -> None:
    assert as_text(graph(["dj", "jm", "je", "me"])) == (
        "DataSet d\n└─ TrainingJob j\n   ├─ Model m\n   │  └─ Endpoint e, drawn below\n   └─ Endpoint e\n"
    )
    assert as_text(graph(["dj", "je", "jm", "me"])).endswith("   └─ Model m\n      └─ Endpoint e, drawn above\n")


@pytest.mark.timeout(10)
def test_a_circle_is_drawn_once_through() -> None:
    assert as_text(graph(["dm", "md"])) == "DataSet d\n└─ Model m\n   └─ DataSet d, drawn above\n"


def test_names_are_shown_and_not_obeyed() -> None:
    hostile = graph(["dm"], d='a"]\x1b[2J', m="b#|<b>")
    assert "\x1b" not in as_text(hostile)
    assert as_mermaid(hostile) == (
        "flowchart LR\n"
        '  n0["DataSet a#34;#93;\\x1b#91;2J"]\n'
        '  n1["Model b#35;#124;#60;b#62;"]\n'
        "  n0 -->|ContributedTo| n1\n"
    )


def test_json_holds_everything() -> None:
    document = json.loads(as_json(graph(["dm"])))
    assert document["entities"][0] == {"arn": "d", "kind": "Artifact", "type": "DataSet", "name": "d", "note": None}
    assert document["associations"] == [{"source": "d", "destination": "m", "type": "ContributedTo"}]
