"""Explanations of a model's answers: SHAP values and partial dependence, from its trees or from its endpoint."""
