"""Artifacts, actions, contexts, and how they hang together."""

from itertools import pairwise
from typing import Any

import pytest

from tests.unit.emulator.conftest import ARN, Cloud

S3 = "s3://bucket/data.csv"


def artifact(cloud: Cloud, uri: str = S3, kind: str = "DataSet", **members: Any) -> str:
    arn: str = cloud.ask("CreateArtifact", Source={"SourceUri": uri}, ArtifactType=kind, **members)["ArtifactArn"]
    return arn


def connect(cloud: Cloud, source: str, destination: str, kind: str = "ContributedTo") -> None:
    cloud.ask("AddAssociation", SourceArn=source, DestinationArn=destination, AssociationType=kind)


def edges(cloud: Cloud, **request: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.ask("ListAssociations", **request)["AssociationSummaries"]
    return found


def test_an_artifact_is_what_its_source_is(cloud: Cloud) -> None:
    """A second one of the same source is refused; a version of it is another one."""
    arn = artifact(cloud, ArtifactName="data", Properties={"rows": "10"})
    found = cloud.ask("DescribeArtifact", ArtifactArn=arn)
    assert (found["ArtifactName"], found["Source"], found["Properties"]) == ("data", {"SourceUri": S3}, {"rows": "10"})
    assert "already exists" in cloud.refused("CreateArtifact", Source={"SourceUri": S3}, ArtifactType="x").message
    version = {"SourceUri": S3, "SourceTypes": [{"SourceIdType": "S3ETag", "Value": "1"}]}
    assert cloud.ask("CreateArtifact", Source=version, ArtifactType="DataSet")["ArtifactArn"] != arn
    listed = cloud.ask("ListArtifacts", SourceUri=S3)["ArtifactSummaries"]
    assert len(listed) == 2
    assert cloud.ask("ListArtifacts", SourceUri=S3, ArtifactType="Model")["ArtifactSummaries"] == []


@pytest.mark.parametrize("kind", ["Context", "Action"])
def test_contexts_and_actions(cloud: Cloud, kind: str) -> None:
    """Created, described, changed, listed by source and type, and deleted."""
    name, type_ = f"{kind}Name", f"{kind}Type"
    request = {name: "One", type_: "Kind", "Source": {"SourceUri": S3}, "Properties": {"a": "1", "b": "2"}}
    arn = cloud.ask(f"Create{kind}", **request)[f"{kind}Arn"]
    assert arn == f"{ARN}{kind.lower()}/one"
    assert cloud.refused(f"Create{kind}", **request).code == "ValidationException"
    change = {"Properties": {"c": "3"}, "PropertiesToRemove": ["a"], "Description": "text"}
    cloud.ask(f"Update{kind}", **{name: "One", **change})
    found = cloud.ask(f"Describe{kind}", **{name: arn})
    assert (found["Properties"], found["Description"]) == ({"b": "2", "c": "3"}, "text")
    summaries = f"{kind}Summaries"
    assert [item[name] for item in cloud.ask(f"List{kind}s", SourceUri=S3)[summaries]] == ["One"]
    assert cloud.ask(f"List{kind}s", **{type_: "Other"})[summaries] == []
    cloud.ask(f"Delete{kind}", **{name: "One"})
    assert cloud.refused(f"Describe{kind}", **{name: "One"}).code == "ResourceNotFound"


def test_an_association_is_made_once(cloud: Cloud) -> None:
    """Between things that exist; the second time and the second deletion are told apart from success."""
    data, model = artifact(cloud), artifact(cloud, "s3://bucket/model.tar.gz", "Model", ArtifactName="model")
    connect(cloud, data, model, "DerivedFrom")
    both = {"SourceArn": data, "DestinationArn": model}
    error = cloud.refused("AddAssociation", **both)
    assert (error.code, "already exists" in error.message) == ("ValidationException", True)
    absent = {"SourceArn": data, "DestinationArn": f"{ARN}artifact/absent"}
    assert cloud.refused("AddAssociation", **absent).code == "ResourceNotFound"
    (edge,) = edges(cloud, SourceArn=data)
    assert (edge["SourceType"], edge["DestinationType"], edge["AssociationType"]) == ("DataSet", "Model", "DerivedFrom")
    assert edge["DestinationName"] == "model"
    assert "has associations" in cloud.refused("DeleteArtifact", ArtifactArn=data).message
    cloud.ask("DeleteAssociation", **both)
    assert cloud.refused("DeleteAssociation", **both).code == "ResourceNotFound"
    cloud.ask("DeleteArtifact", ArtifactArn=data)
    cloud.ask("DeleteArtifact", Source={"SourceUri": "s3://bucket/model.tar.gz"})
    assert cloud.ask("ListArtifacts")["ArtifactSummaries"] == []
    assert cloud.refused("DeleteArtifact").code == "ValidationException"


def test_associations_are_filtered_and_sorted(cloud: Cloud) -> None:
    """By end, by type of end, by kind."""
    model = artifact(cloud, "s3://bucket/model", "Model")
    data = [artifact(cloud, f"s3://bucket/{number}") for number in range(3)]
    image = artifact(cloud, "registry/image:1", "Image")
    for source in (*data, image):
        connect(cloud, source, model)
    assert len(edges(cloud, DestinationArn=model)) == 4
    assert len(edges(cloud, DestinationArn=model, SourceType="DataSet")) == 3
    assert edges(cloud, AssociationType="Produced") == []
    assert edges(cloud, DestinationType="Image") == []
    order = [edge["SourceArn"] for edge in edges(cloud, SortBy="SourceArn", SortOrder="Ascending")]
    assert order == sorted([*data, image])
    first = cloud.ask("ListAssociations", MaxResults=3)
    rest = cloud.ask("ListAssociations", MaxResults=3, NextToken=first["NextToken"])
    assert len(first["AssociationSummaries"]) + len(rest["AssociationSummaries"]) == 4


@pytest.fixture
def chain(cloud: Cloud) -> list[str]:
    """Raw data, data, a component, a model, each leading to the next."""
    raw, data = artifact(cloud, "s3://bucket/raw"), artifact(cloud, Properties={"rows": "10"})
    part = cloud.ask("CreateTrialComponent", TrialComponentName="part")["TrialComponentArn"]
    model = artifact(cloud, "s3://bucket/model", "Model")
    arns = [raw, data, part, model]
    for source, destination in pairwise(arns):
        connect(cloud, source, destination)
    return arns


def reached(cloud: Cloud, **request: Any) -> list[str]:
    return [vertex["Arn"] for vertex in cloud.ask("QueryLineage", **request)["Vertices"]]


def test_a_query_walks_in_a_direction(cloud: Cloud, chain: list[str]) -> None:
    """Up, down or both, nearest first, as far as it may."""
    raw, data, part, model = chain
    assert reached(cloud, StartArns=[data], Direction="Descendants") == [data, part, model]
    assert reached(cloud, StartArns=[data], Direction="Ascendants") == [data, raw]
    assert set(reached(cloud, StartArns=[data])) == set(chain)
    assert reached(cloud, StartArns=[raw], Direction="Descendants", MaxDepth=1) == [raw, data]
    assert reached(cloud, StartArns=[model], Direction="Ascendants", MaxDepth=1) == [model, part]


def test_a_query_ends_in_a_circle(cloud: Cloud, chain: list[str]) -> None:
    """Everything once, and each association once."""
    connect(cloud, chain[3], chain[0], "DerivedFrom")
    answer = cloud.ask("QueryLineage", StartArns=[chain[0]], IncludeEdges=True)
    assert len(answer["Vertices"]) == len(answer["Edges"]) == 4


def test_a_query_filters_what_it_reached(cloud: Cloud, chain: list[str]) -> None:
    """By type, by kind of entity, by property, by time; and gives pages."""
    _, data, part, model = chain

    def filtered(**filters: Any) -> list[str]:
        return reached(cloud, StartArns=[data], Filters=filters)

    assert filtered(Types=["Model"]) == [model]
    assert filtered(LineageTypes=["TrialComponent"]) == [part]
    assert filtered(Properties={"rows": "10"}) == [data]
    created = cloud.ask("DescribeTrialComponent", TrialComponentName="part")["CreationTime"]
    assert set(filtered(CreatedAfter=created)) == {part, model}
    first = cloud.ask("QueryLineage", StartArns=[data], MaxResults=3)
    rest = cloud.ask("QueryLineage", StartArns=[data], MaxResults=3, NextToken=first["NextToken"])
    assert {vertex["Arn"] for vertex in first["Vertices"] + rest["Vertices"]} == set(chain)


def test_a_query_starts_somewhere(cloud: Cloud) -> None:
    """From nothing, and from what is not there, it cannot."""
    assert cloud.refused("QueryLineage").code == "ValidationException"
    assert cloud.refused("QueryLineage", StartArns=[f"{ARN}artifact/absent"]).code == "ResourceNotFound"


def test_an_experiment_takes_part_and_is_no_vertex(cloud: Cloud) -> None:
    """AWS's model lets one be associated, and knows no vertex of its kind."""
    experiment = cloud.ask("CreateExperiment", ExperimentName="e")["ExperimentArn"]
    data = artifact(cloud)
    connect(cloud, data, experiment, "AssociatedWith")
    assert edges(cloud)[0]["DestinationType"] == "Experiment"
    assert reached(cloud, StartArns=[data]) == [data]
