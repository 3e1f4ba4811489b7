"""Specimen: one file describes a machine-learning experiment."""
