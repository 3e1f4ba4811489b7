"""Endpoints: what they serve, how they are created and updated without downtime, and how they end."""
