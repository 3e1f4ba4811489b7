"""The embedded SageMaker: AWS on loopback, for programs written for AWS."""
