"""An endpoint asked for the test part: requests in flight, answers read, and what came of it."""
