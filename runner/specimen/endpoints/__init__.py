"""Endpoints by hand: looked up, asked for rows in the columns that the table had, deleted."""
