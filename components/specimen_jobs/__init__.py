"""What runs inside SageMaker jobs, under SageMaker's own container contracts.

`specimen_jobs.xgboost` trains and serves as the built-in XGBoost container does; `specimen_jobs.clarify` computes bias
reports as Clarify's processing container does. They know jobs, channels and models, and nothing of who submitted them.
"""
