"""`python -m specimen_jobs.xgboost train|serve`."""

import os
import sys

# Threads that wait by spinning make jobs that share cores wait for each other's spinning: 63 s became 9 s for three
# trainings on two busy cores. Read once, when OpenMP is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if "sklearn" not in sys.modules:
    # XGBoost imports scikit-learn for its estimator classes only; without it a job starts two seconds earlier.
    sys.modules["sklearn"] = None  # type: ignore[assignment]

from specimen_jobs.xgboost.command import main

sys.exit(main())
