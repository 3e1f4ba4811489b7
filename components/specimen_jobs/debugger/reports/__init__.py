"""The two reports: HTML pages that need nothing else, and their figures as JSON."""
