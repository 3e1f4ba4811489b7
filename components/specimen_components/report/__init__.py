"""A run's records → one self-contained HTML page."""
