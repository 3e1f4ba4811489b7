"""How jobs run: workers in processes of their own, the containers they start, and the data these are given."""
