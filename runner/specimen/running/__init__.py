"""Steps to subprocesses on this machine, against the embedded SageMaker."""
