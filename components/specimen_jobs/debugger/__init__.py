"""The rule container of SageMaker Debugger: rules over the tensors that a training job saves, and its two reports.

`python -m specimen_jobs.debugger` follows the tensors of one training job in S3 while they are written and evaluates
one rule at each whole step. Source: "List of Debugger built-in rules" in SageMaker's guide; awslabs/sagemaker-debugger.
"""
