"""SageMaker Clarify's processing container: bias metrics from `analysis_config.json` to `analysis.json` and a report.

It computes pre-training and post-training bias, and writes analysis.json and report.html; AWS's container also
writes the report as PDF and notebook, which this one does not make. SHAP and partial dependence are refused by name.
"""
