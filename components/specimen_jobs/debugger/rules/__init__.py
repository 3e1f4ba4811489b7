"""The built-in rules that apply to XGBoost, a small class each; the table names them."""
