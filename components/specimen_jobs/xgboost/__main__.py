"""`python -m specimen_jobs.xgboost train|serve`."""

import sys

if "sklearn" not in sys.modules:
    # XGBoost imports scikit-learn for its estimator classes only; without it a job starts two seconds earlier.
    sys.modules["sklearn"] = None  # type: ignore[assignment]

from specimen_jobs.xgboost.command import main

sys.exit(main())
