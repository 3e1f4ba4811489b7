"""SageMaker's built-in XGBoost: `train` and `serve` under its container contract, on the XGBoost that is installed.

Source of the contract: aws/sagemaker-xgboost-container (Apache-2.0) and the algorithm's pages in SageMaker's guide.
"""
