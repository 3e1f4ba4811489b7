"""A session as a data scientist writes it with the SageMaker SDK v2, run unchanged: ``sdk_v2.py BUCKET NAME``.

Runs in the environment ``.oracles/sagemaker2``; the process's AWS variables lead to the embedded SageMaker. Prints one
JSON object: what the session saw.
"""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import boto3
import sagemaker
from sagemaker.debugger import (
    CollectionConfig,
    DebuggerHookConfig,
    ProfilerConfig,
    ProfilerRule,
    Rule,
    rule_configs,
)
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.experiments import Run
from sagemaker.image_uris import retrieve
from sagemaker.inputs import TrainingInput
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter, WarmStartConfig, WarmStartTypes

ROLE = "arn:aws:iam::111122223333:role/sagemaker"
INSTANCE = "ml.m5.xlarge"


def main(bucket: str, name: str) -> None:
    """Train under Debugger, transform, track an experiment and tune, and print what came of it."""
    boto3.client("s3").create_bucket(Bucket=bucket)
    session = sagemaker.Session(default_bucket=bucket)
    image = retrieve("xgboost", session.boto_region_name, "1.7-1")
    with ThreadPoolExecutor(2) as aside:  # the SDK asks every 5 or 10 seconds how a job does
        tuning = aside.submit(tune, session, bucket, name, image)
        spread = aside.submit(distribute, session, bucket, f"{name}-spread", image)
        seen = trained(session, bucket, name, image)
    told = {**seen, "tuning": tuning.result(), "distributed": spread.result()}
    print("\n" + json.dumps(told))  # the SDK leaves a line unended


def trained(session: Any, bucket: str, name: str, image: str) -> dict[str, Any]:
    """Train, transform and track an experiment, and say what came of it."""
    estimator = train(session, bucket, name, image)
    job = estimator.latest_training_job.name
    described = estimator.latest_training_job.describe()
    return {
        "image": image,
        "bucket": bucket,
        "job": job,
        "artifact": estimator.model_data,
        "metrics": [entry["MetricName"] for entry in described["FinalMetricDataList"]],
        "debugger": debugged(session, estimator, bucket),
        "predictions": transform(session, estimator, bucket, name),
        "endpoint": host(session, estimator, bucket, name),
        "components": track(session, name, job),
    }


def table(rows: int, label: bool) -> str:
    """A header-less CSV table of two columns, the label first if it is wanted: whether their sum exceeds one."""
    rng = random.Random(7)
    pairs = [(rng.random(), rng.random()) for _ in range(rows)]
    return "".join(f"{f'{int(a + b > 1)},' if label else ''}{a:.4f},{b:.4f}\n" for a, b in pairs)


def upload(session: Any, bucket: str, key: str, text: str) -> str:
    """Put a text into S3 by the SDK's own upload, and give its URI."""
    path = Path(mkdtemp()) / "part.csv"
    path.write_text(text, encoding="utf-8")
    return str(session.upload_data(str(path), bucket=bucket, key_prefix=key))


def train(session: Any, bucket: str, name: str, image: str) -> Any:
    """Fit an estimator of the built-in XGBoost image under Debugger; `fit` shows its log on standard output."""
    saved = [CollectionConfig(title, {"save_interval": "2"}) for title in ("metrics", "feature_importance")]
    patient = {"collection_names": "metrics", "num_steps": "2"}
    estimator = algorithm(
        session,
        bucket,
        name,
        image,
        rules=[
            Rule.sagemaker(rule_configs.loss_not_decreasing(), rule_parameters=patient),
            ProfilerRule.sagemaker(rule_configs.ProfilerReport()),
        ],
        debugger_hook_config=DebuggerHookConfig(collection_configs=saved),
        profiler_config=ProfilerConfig(system_monitor_interval_millis=100),
    )
    estimator.fit(channels(session, bucket, name))
    return estimator


def debugged(session: Any, estimator: Any, bucket: str) -> dict[str, Any]:
    """Wait for the rules, and list what Debugger has stored."""
    job = estimator.latest_training_job
    while any(rule["RuleEvaluationStatus"] in ("InProgress", "Stopping") for rule in job.rule_job_summary()):
        time.sleep(0.1)
    places = {
        "tensors": estimator.latest_job_debugger_artifacts_path(),
        "profile": estimator.latest_job_profiler_artifacts_path(),
        "reports": f"{estimator.output_path}/{job.name}/rule-output",
    }
    listed = {title: session.list_s3_files(bucket, uri.partition(f"{bucket}/")[2]) for title, uri in places.items()}
    rules = {rule["RuleConfigurationName"]: rule["RuleEvaluationStatus"] for rule in job.rule_job_summary()}
    return {"rules": rules, "places": places, **listed}


def algorithm(session: Any, bucket: str, name: str, image: str, instances: int = 1, **more: Any) -> Any:
    """An estimator of the built-in XGBoost image."""
    return Estimator(
        image_uri=image,
        role=ROLE,
        instance_count=instances,
        instance_type=INSTANCE,
        volume_size=5,
        output_path=f"s3://{bucket}/{name}/models",
        base_job_name=name,
        sagemaker_session=session,
        hyperparameters={"objective": "binary:logistic", "num_round": 5, "max_depth": 3, "eval_metric": "logloss"},
        **more,
    )


def distribute(session: Any, bucket: str, name: str, image: str) -> dict[str, Any]:
    """Fit one model on two spot instances, each with its own objects, and say what came of it."""
    estimator = algorithm(
        session,
        bucket,
        name,
        image,
        instances=2,
        use_spot_instances=True,
        max_run=600,
        max_wait=1200,
        checkpoint_s3_uri=f"s3://{bucket}/{name}/checkpoints",
        disable_profiler=True,
        debugger_hook_config=False,
    )
    for part in ("a", "b", "c"):
        uri = upload(session, bucket, f"{name}/train/{part}", table(200, label=True)).rpartition("/train/")[0]
    estimator.fit({"train": TrainingInput(f"{uri}/train", content_type="csv", distribution="ShardedByS3Key")})
    described = estimator.latest_training_job.describe()
    kept = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{name}/checkpoints/")["Contents"]
    return {
        "status": described["TrainingJobStatus"],
        "instances": described["ResourceConfig"]["InstanceCount"],
        "spot": described["EnableManagedSpotTraining"],
        "metrics": [entry["MetricName"] for entry in described["FinalMetricDataList"]],
        "checkpoints": sorted(entry["Key"].rpartition("/")[2] for entry in kept),
    }


def channels(session: Any, bucket: str, name: str) -> dict[str, Any]:
    """Two channels of uploaded tables."""
    return {
        channel: TrainingInput(
            upload(session, bucket, f"{name}/{channel}", table(rows, label=True)), content_type="csv"
        )
        for channel, rows in (("train", 400), ("validation", 100))
    }


def transform(session: Any, estimator: Any, bucket: str, name: str) -> list[float]:
    """Create a model, and let a batch transform job answer for twenty rows."""
    transformer = estimator.transformer(
        instance_count=1, instance_type=INSTANCE, output_path=f"s3://{bucket}/{name}/answers", assemble_with="Line"
    )
    data = upload(session, bucket, f"{name}/ask", table(20, label=False))
    transformer.transform(data, content_type="text/csv", split_type="Line")
    answers = session.read_s3_file(bucket, f"{name}/answers/part.csv.out")
    return [float(line) for line in answers.split()]


def host(session: Any, estimator: Any, bucket: str, name: str) -> dict[str, Any]:
    """Deploy the model, ask it, update its endpoint to two instances, ask again, and delete all of it."""
    captured = f"{name}/captured"
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type=INSTANCE,
        endpoint_name=f"{name}-endpoint",
        serializer=CSVSerializer(),
        deserializer=CSVDeserializer(),
        data_capture_config=DataCaptureConfig(True, 100, f"s3://{bucket}/{captured}"),
        wait=False,  # it would ask every half minute
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=0.2)
    rows = [[0.1, 0.1], [0.9, 0.9]]
    first = predictor.predict(rows)
    predictor.update_endpoint(initial_instance_count=2, instance_type=INSTANCE, wait=False)
    described = session.wait_for_endpoint(predictor.endpoint_name, poll=0.2)
    seen = {
        "answers": [first, predictor.predict(rows)],
        "instances": described["ProductionVariants"][0]["CurrentInstanceCount"],
    }
    predictor.delete_endpoint()
    while not (keys := session.list_s3_files(bucket, captured)):
        time.sleep(0.1)
    return {**seen, "captured": keys}


def track(session: Any, name: str, job: str) -> list[str]:
    """Log a run of an experiment, and list the trial components that the experiment then has, the job's own too."""
    with Run(experiment_name=f"{name}-experiment", run_name="first", sagemaker_session=session) as run:
        run.log_parameter("max_depth", 3)
    client = session.sagemaker_client
    trials = client.list_trials(ExperimentName=f"{name}-experiment")["TrialSummaries"]
    component = f"{job}-aws-training-job"
    client.associate_trial_component(TrialComponentName=component, TrialName=trials[0]["TrialName"])
    listed = client.list_trial_components(ExperimentName=f"{name}-experiment")["TrialComponentSummaries"]
    return sorted(entry["TrialComponentName"] for entry in listed)


def tune(session: Any, bucket: str, name: str, image: str) -> dict[str, Any]:
    """Tune two hyperparameters, go on from what was found by a warm start, and look at the jobs as a table."""
    ranges = {"eta": ContinuousParameter(0.05, 0.5, scaling_type="Logarithmic"), "gamma": ContinuousParameter(0, 5)}
    estimator = algorithm(session, bucket, name, image)
    tuner = HyperparameterTuner(
        estimator,
        "validation:f1",
        {**ranges, "max_depth": IntegerParameter(1, 6)},
        max_jobs=4,
        max_parallel_jobs=2,
        base_tuning_job_name=f"{name}-tune",
        early_stopping_type="Auto",
        random_seed=7,
    )
    data = channels(session, bucket, name)
    tuner.fit(data)
    warm = WarmStartConfig(WarmStartTypes.IDENTICAL_DATA_AND_ALGORITHM, {tuner.latest_tuning_job.name})
    again = HyperparameterTuner(
        estimator,
        "validation:f1",
        {**ranges, "max_depth": IntegerParameter(1, 6)},
        max_jobs=2,
        max_parallel_jobs=1,
        base_tuning_job_name=f"{name}-again",
        warm_start_config=warm,
    )
    again.fit(data)
    table = tuner.analytics().dataframe()
    return {
        "best": tuner.best_training_job(),
        "estimator": tuner.best_estimator().latest_training_job.name,
        "columns": sorted(table.columns),
        "jobs": dict(zip(table["TrainingJobName"], table["FinalObjectiveValue"].astype(float))),  # noqa: B905
        "overall": again.describe()["OverallBestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
