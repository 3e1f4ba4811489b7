"""How requests and responses look on the wire, by botocore's own service models."""
