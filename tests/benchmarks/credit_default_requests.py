"""What `credit_default_pipeline` sends to AWS, written by hand."""

from typing import Any

BUCKET = "s3://specimen-local"
DATA = f"{BUCKET}/credit-default"
SOURCE = f"{BUCKET}/sources/57edecfc53fb9605b31d0c744c00263fe5c7e1bb52d2f84347fd8fb570d6992c/credit_default.csv"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
RULE_EVALUATOR = "503895931360.dkr.ecr.us-east-1.amazonaws.com/sagemaker-debugger-rules:latest"
DEBUGGER = f"{DATA}/debugger"
ROLE = "arn:aws:iam::111122223333:role/specimen"
DESCRIPTION = "Who defaults on next month's payment? (on a synthetic table, made by data/make_credit_default.py)"
ABOUT_MODEL = "Default on next month's payment, trained on a synthetic table"
LABEL = "default payment next month"
SPLIT = {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 42, "stratify": True}
TAGS = [{"Key": "specimen:experiment", "Value": "credit-default"}, {"Key": "team", "Value": "risk"}]
NAME = {"$ref": "name"}

NAMED = {"ExperimentName": "credit-default", "Description": DESCRIPTION, "Tags": TAGS}
TRIALS = [{"TrialName": "credit-default-default", "ExperimentName": "credit-default", "Tags": TAGS}]
DATASET = {
    "format": "csv",
    "label": LABEL,
    "drop": ["ID"],
    "split": SPLIT,
    "facets": {"SEX": {"values": [1]}},
    "favorable": {"values": [0]},
    "group": "AGE",
    "classes": 2,
}


def trial(component: str) -> dict[str, str]:
    return {
        "ExperimentName": "credit-default",
        "TrialName": "credit-default-default",
        "TrialComponentDisplayName": component,
    }


def joined(folder: str) -> dict[str, Any]:
    return {"$join": [f"{DATA}/{folder}/", NAME]}


def channel(name: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": {"$ref": name}, "S3DataDistributionType": "FullyReplicated"}
    return {
        "ChannelName": name,
        "ContentType": "text/csv",
        "CompressionType": "None",
        "DataSource": {"S3DataSource": source},
    }


def processing_input(name: str, folder: str, reference: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": {"$ref": reference},
            "LocalPath": f"/opt/ml/processing/input/{folder}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def bias(folder: str) -> dict[str, Any]:
    output = {"S3Uri": joined(folder), "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    return {
        "ProcessingJobName": NAME,
        "AppSpecification": {"ImageUri": CLARIFY},
        "RoleArn": ROLE,
        "ProcessingInputs": [
            processing_input("analysis_config", "config", "config"),
            processing_input("dataset", "data", "dataset"),
        ],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "analysis_result", "S3Output": output}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
        "ExperimentConfig": trial("Bias"),
        "Tags": TAGS,
    }


def artifact(kind: str, reference: str) -> dict[str, Any]:
    return {
        "ArtifactName": f"credit-default-default-{kind.lower()}",
        "ArtifactType": kind,
        "Source": {"SourceUri": {"$ref": reference}},
        "Tags": TAGS,
    }


REPORT = {"name": "report", "title": "Analysis Report"}
BIAS_PRE = {
    "dataset_type": "text/csv",
    "label": LABEL,
    "label_values_or_threshold": [0],
    "facet": [{"name_or_index": "SEX", "value_or_threshold": [1]}],
    "group_variable": "AGE",
    "methods": {"pre_training_bias": {"methods": "all"}, "report": REPORT},
}
BIAS_POST = {
    **BIAS_PRE,
    "headers": {"$ref": "columns"},
    "probability_threshold": 0.5,
    "methods": {"post_training_bias": {"methods": "all"}, "report": REPORT},
    "predictor": {
        "model_name": {"$ref": "model"},
        "instance_type": "ml.m5.xlarge",
        "initial_instance_count": 1,
        "accept_type": "text/csv",
        "content_type": "text/csv",
    },
}


def collection(name: str, **parameters: str) -> dict[str, Any]:
    return {"CollectionName": name, "CollectionParameters": parameters}


def rule(name: str) -> dict[str, Any]:
    return {
        "RuleConfigurationName": name,
        "RuleEvaluatorImage": RULE_EVALUATOR,
        "S3OutputPath": DEBUGGER,
        "RuleParameters": {"rule_to_invoke": name},
    }


def awaited(name: str, report: str, path: str) -> dict[str, Any]:
    return {"name": name, "rule": name, "on_issues": "warn", "report": {"name": report, "path": path}}


RULES = [
    awaited("CreateXgboostReport", "xgboost_report", "xgboost_report.html"),
    awaited("ProfilerReport", "profiler_report", "profiler-output/profiler-report.html"),
]
TRAIN = {
    "TrainingJobName": NAME,
    "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
    "HyperParameters": {
        "objective": "binary:logistic",
        "num_round": "50",
        "max_depth": "5",
        "eta": "0.2",
        "gamma": "4",
        "min_child_weight": "6",
        "subsample": "0.7",
    },
    "InputDataConfig": [channel("train"), channel("validation")],
    "OutputDataConfig": {"S3OutputPath": f"{DATA}/training"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 5},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "DebugHookConfig": {
        "S3OutputPath": DEBUGGER,
        "CollectionConfigurations": [
            collection("feature_importance", save_interval="5"),
            collection("hyperparameters", save_steps="0"),
            collection("labels", save_interval="5"),
            collection("metrics", save_interval="5"),
            collection("predictions", save_interval="5"),
        ],
    },
    "DebugRuleConfigurations": [rule("CreateXgboostReport")],
    "ProfilerConfig": {"S3OutputPath": DEBUGGER, "DisableProfiler": False},
    "ProfilerRuleConfigurations": [rule("ProfilerReport")],
    "RoleArn": ROLE,
    "ExperimentConfig": trial("Training"),
    "Tags": TAGS,
}
MODEL = {
    "ModelName": NAME,
    "ExecutionRoleArn": ROLE,
    "PrimaryContainer": {"Image": XGBOOST, "ModelDataUrl": {"$ref": "artifact"}},
    "Tags": TAGS,
}
PROBLEM = {"type": "binary", "threshold": 0.5, "classes": 2}
EVALUATE = {
    "TransformJobName": NAME,
    "ModelName": {"$ref": "model"},
    "BatchStrategy": "MultiRecord",
    "MaxPayloadInMB": 6,
    "TransformInput": {
        "ContentType": "text/csv",
        "CompressionType": "None",
        "SplitType": "Line",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": {"$ref": "test"}}},
    },
    "TransformOutput": {"Accept": "text/csv", "AssembleWith": "Line", "S3OutputPath": joined("evaluation")},
    "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge"},
    "DataProcessing": {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    "ExperimentConfig": trial("Evaluation"),
    "Tags": TAGS,
}
GATES = [{"metric": "test:auc", "min": 0.65}, {"bias": "DPPL", "facet": "SEX", "min": -0.2, "max": 0.2}]
GROUP = {"ModelPackageGroupName": "credit-default", "ModelPackageGroupDescription": DESCRIPTION, "Tags": TAGS}


def statement(reference: str) -> dict[str, Any]:
    return {"ContentType": "application/json", "S3Uri": {"$ref": reference}}


REGISTER = {
    "ModelPackageGroupName": "credit-default",
    "ModelPackageDescription": ABOUT_MODEL,
    "ModelApprovalStatus": "PendingManualApproval",
    "InferenceSpecification": {
        "Containers": [{"Image": XGBOOST, "ModelDataUrl": {"$ref": "artifact"}}],
        "SupportedContentTypes": ["text/csv", "text/libsvm"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.xlarge"],
    },
    "ModelMetrics": {
        "ModelQuality": {"Statistics": statement("statistics")},
        "Bias": {"PreTrainingReport": statement("bias_pre"), "PostTrainingReport": statement("bias_post")},
    },
}


def step(name: str, *needs: str, component: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": name, "component": component or name, "needs": list(needs), "trials": ["default"], **more}


EXPERIMENT = {
    "name": "credit-default",
    "description": DESCRIPTION,
    "labels": {"team": "risk"},
    "digest": "c5a924790c25494aaad003d669435313dcecbb3f12bc217acf555f9cfe2b12ab",
    "target": {"name": "local", "region": "us-east-1"},
    "trials": ["default"],
    "document": {
        "apiVersion": "specimen/v1",
        "kind": "Experiment",
        "metadata": {"name": "credit-default", "description": DESCRIPTION, "labels": {"team": "risk"}},
        "dataset": {
            "source": "data/credit_default.csv",
            "format": "csv",
            "label": LABEL,
            "drop": ["ID"],
            "split": SPLIT,
        },
        "training": {
            "algorithm": "xgboost",
            "version": "3.2-0",
            "hyperparameters": {
                "objective": "binary:logistic",
                "num_round": 50,
                "max_depth": 5,
                "eta": 0.2,
                "gamma": 4,
                "min_child_weight": 6,
                "subsample": 0.7,
            },
            "resources": {"instance": "ml.m5.xlarge", "count": 1, "volume": "5Gi", "maxRuntime": "1h"},
        },
        "debugger": {"rules": ["create_xgboost_report"], "profiler": True, "onIssues": "warn"},
        "bias": {
            "favorable": [0],
            "facets": {"SEX": [1]},
            "group": "AGE",
            "threshold": 0.5,
            "resources": {"instance": "ml.m5.xlarge", "count": 1, "volume": "30Gi", "maxRuntime": "30m"},
        },
        "evaluate": {"resources": {"instance": "ml.m5.xlarge", "count": 1}},
        "gates": [{"metric": "test:auc", "min": 0.65}, {"bias": "DPPL", "facet": "SEX", "between": [-0.2, 0.2]}],
        "registry": {"group": "credit-default", "approval": "PendingManualApproval", "description": ABOUT_MODEL},
        "trials": [],
    },
    "steps": [
        step("experiment"),
        step("prepare"),
        step("bias-pre", "experiment", "prepare", component="bias"),
        step("train", "experiment", "prepare"),
        step("debug", "prepare", "train"),
        step("model", "train"),
        step("bias-post", "experiment", "model", "prepare", component="bias"),
        step("evaluate", "experiment", "model", "prepare"),
        step("lineage", "prepare", "train"),
        step("gate", "bias-post", "bias-pre", "debug", "evaluate", "train"),
        step("register", "bias-post", "bias-pre", "evaluate", "gate", "train", gates=["gate"]),
    ],
}
