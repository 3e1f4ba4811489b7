"""An experiment to its steps, each with the full AWS request it sends: pure, no clock, no network, no files."""
