"""Lineage by hand: from the data through training job and model to the package and the endpoint."""
