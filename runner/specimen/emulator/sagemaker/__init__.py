"""SageMaker's own operations."""
