"""A session as written with the resources of the SageMaker SDK v3, run unchanged: ``sdk_v3.py BUCKET NAME``.

Runs in the environment ``.oracles/sagemaker3``; the process's AWS variables lead to the embedded SageMaker. Prints one
JSON object: what the session saw.
"""

import json
import logging
import random
import sys

import boto3
from sagemaker.core import image_uris
from sagemaker.core.resources import (
    Endpoint,
    EndpointConfig,
    HyperParameterTuningJob,
    Model,
    TrainingJob,
    TransformJob,
)
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    ContainerDefinition,
    ContinuousParameterRange,
    DataSource,
    HyperParameterAlgorithmSpecification,
    HyperParameterTrainingJobDefinition,
    HyperParameterTuningJobConfig,
    HyperParameterTuningJobObjective,
    OutputDataConfig,
    ParameterRanges,
    ProductionVariant,
    ResourceConfig,
    ResourceLimits,
    S3DataSource,
    StoppingCondition,
    TransformDataSource,
    TransformInput,
    TransformOutput,
    TransformResources,
    TransformS3DataSource,
)

ROLE = "arn:aws:iam::111122223333:role/sagemaker"
INSTANCE = "ml.m5.xlarge"
RESOURCES = ResourceConfig(instance_type=INSTANCE, instance_count=1, volume_size_in_gb=5)


def main(bucket: str, name: str) -> None:
    """Train a model, let it answer, look the job up again, tune, and print what came of it."""
    logging.basicConfig(level=logging.INFO)  # the SDK shows a job's log through a logger
    boto3.client("s3").create_bucket(Bucket=bucket)
    image = image_uris.retrieve("xgboost", boto3.Session().region_name, "3.2-0")
    job = train(bucket, name, image)
    found = [entry.training_job_name for entry in TrainingJob.get_all(name_contains=name)]
    seen = {
        "image": image,
        "job": job.training_job_name,
        "status": job.training_job_status,
        "artifact": job.model_artifacts.s3_model_artifacts,
        "transitions": [entry.status for entry in job.secondary_status_transitions],
        "metrics": {entry.metric_name: entry.value for entry in job.final_metric_data_list},
        "found": found,
        "predictions": transform(bucket, name, image, job.model_artifacts.s3_model_artifacts),
        "endpoint": host(name),
        "tuning": tune(bucket, name, image),
        "distributed": distribute(bucket, f"{name}-spread", image),
    }
    print("\n" + json.dumps(seen))  # the SDK leaves a line unended


def put(bucket: str, key: str, rows: int, label: bool) -> str:
    """Put a header-less CSV table of two columns into S3, the label (whether their sum exceeds one) first if wanted."""
    rng = random.Random(7)
    pairs = [(rng.random(), rng.random()) for _ in range(rows)]
    text = "".join(f"{f'{int(a + b > 1)},' if label else ''}{a:.4f},{b:.4f}\n" for a, b in pairs)
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    return f"s3://{bucket}/{key}"


def channel(name: str, uri: str) -> Channel:
    """A channel of CSV under an S3 URI."""
    source = S3DataSource(s3_data_type="S3Prefix", s3_uri=uri, s3_data_distribution_type="FullyReplicated")
    return Channel(channel_name=name, content_type="text/csv", data_source=DataSource(s3_data_source=source))


def train(bucket: str, name: str, image: str) -> TrainingJob:
    """Create a training job of the built-in XGBoost image and wait for it, showing its log."""
    job = TrainingJob.create(
        training_job_name=f"{name}-train",
        role_arn=ROLE,
        algorithm_specification=AlgorithmSpecification(training_image=image, training_input_mode="File"),
        hyper_parameters={"objective": "reg:squarederror", "num_round": "5", "max_depth": "3"},
        input_data_config=[
            channel("train", put(bucket, f"{name}/train.csv", 400, label=True)),
            channel("validation", put(bucket, f"{name}/validation.csv", 100, label=True)),
        ],
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/{name}/models"),
        resource_config=RESOURCES,
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
    )
    job.wait(poll=1, timeout=120, logs=True)
    return job


def distribute(bucket: str, name: str, image: str) -> dict[str, object]:
    """Train one model on two instances that are kept, each with its own objects, as fast files."""
    for part in ("a", "b", "c"):
        put(bucket, f"{name}/{part}.csv", 200, label=True)
    source = S3DataSource(
        s3_data_type="S3Prefix", s3_uri=f"s3://{bucket}/{name}/", s3_data_distribution_type="ShardedByS3Key"
    )
    train = Channel(channel_name="train", content_type="text/csv", data_source=DataSource(s3_data_source=source))
    job = TrainingJob.create(
        training_job_name=name,
        role_arn=ROLE,
        algorithm_specification=AlgorithmSpecification(training_image=image, training_input_mode="FastFile"),
        hyper_parameters={"objective": "reg:squarederror", "num_round": "3"},
        input_data_config=[train],
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/{name}/models"),
        resource_config=ResourceConfig(
            instance_type=INSTANCE, instance_count=2, volume_size_in_gb=5, keep_alive_period_in_seconds=600
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
    )
    job.wait(poll=1, timeout=120)
    job.refresh()
    return {
        "status": job.training_job_status,
        "metrics": [entry.metric_name for entry in job.final_metric_data_list],
        "pool": job.warm_pool_status.status,
    }


def transform(bucket: str, name: str, image: str, artifact: str) -> list[float]:
    """Create a model, and let a batch transform job answer for twenty rows."""
    container = ContainerDefinition(image=image, model_data_url=artifact)
    Model.create(model_name=f"{name}-model", primary_container=container, execution_role_arn=ROLE)
    source = TransformS3DataSource(s3_data_type="S3Prefix", s3_uri=put(bucket, f"{name}/ask.csv", 20, label=False))
    job = TransformJob.create(
        transform_job_name=f"{name}-transform",
        model_name=f"{name}-model",
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=source), content_type="text/csv", split_type="Line"
        ),
        transform_output=TransformOutput(s3_output_path=f"s3://{bucket}/{name}/answers", assemble_with="Line"),
        transform_resources=TransformResources(instance_type=INSTANCE, instance_count=1),
    )
    job.wait(poll=1, timeout=120)
    body = boto3.client("s3").get_object(Bucket=bucket, Key=f"{name}/answers/ask.csv.out")["Body"].read()
    return [float(line) for line in body.split()]


def host(name: str) -> dict[str, object]:
    """Serve the model by two variants, ask both, update the endpoint to one of them, and delete it."""

    def configure(title: str, *variants: str) -> EndpointConfig:
        on = {"instance_type": INSTANCE, "initial_instance_count": 1}
        made = [ProductionVariant(variant_name=variant, model_name=f"{name}-model", **on) for variant in variants]
        return EndpointConfig.create(endpoint_config_name=f"{name}-{title}", production_variants=made)

    endpoint = Endpoint.create(endpoint_name=f"{name}-endpoint", endpoint_config_name=configure("both", "a", "b"))
    endpoint.wait_for_status("InService", poll=1, timeout=120)
    answers = {
        variant: endpoint.invoke(body=b"0.1,0.9", content_type="text/csv", target_variant=variant) for variant in "ab"
    }
    endpoint.endpoint_config_name = configure("one", "b").endpoint_config_name
    endpoint.update()
    endpoint.wait_for_status("InService", poll=1, timeout=120)
    variants = [summary.variant_name for summary in endpoint.refresh().production_variants]
    endpoint.delete()
    endpoint.wait_for_delete(poll=1, timeout=60)
    return {
        "answers": {variant: answer.body.read().decode() for variant, answer in answers.items()},
        "invoked": [answer.invoked_production_variant for answer in answers.values()],
        "variants": variants,
    }


def tune(bucket: str, name: str, image: str) -> dict[str, object]:
    """Tune the learning rate, wait, and look at the training jobs in the order of their objective."""
    objective = HyperParameterTuningJobObjective(type="Minimize", metric_name="validation:rmse")
    eta = ContinuousParameterRange(name="eta", min_value="0.05", max_value="0.5")
    job = HyperParameterTuningJob.create(
        hyper_parameter_tuning_job_name=f"{name}-tune",
        hyper_parameter_tuning_job_config=HyperParameterTuningJobConfig(
            strategy="Random",
            hyper_parameter_tuning_job_objective=objective,
            resource_limits=ResourceLimits(max_number_of_training_jobs=3, max_parallel_training_jobs=2),
            parameter_ranges=ParameterRanges(continuous_parameter_ranges=[eta]),
        ),
        training_job_definition=HyperParameterTrainingJobDefinition(
            static_hyper_parameters={"num_round": "5"},
            algorithm_specification=HyperParameterAlgorithmSpecification(
                training_image=image, training_input_mode="File"
            ),
            role_arn=ROLE,
            input_data_config=[channel(part, f"s3://{bucket}/{name}/{part}.csv") for part in ("train", "validation")],
            output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/{name}/models"),
            resource_config=RESOURCES,
            stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
        ),
    )
    job.wait(poll=1, timeout=120)
    listed = list(job.get_all_training_jobs(sort_by="FinalObjectiveMetricValue"))
    return {
        "status": job.hyper_parameter_tuning_job_status,
        "best": job.best_training_job.training_job_name,
        "listed": [entry.training_job_name for entry in listed],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
