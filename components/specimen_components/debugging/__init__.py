"""What the step `debug` reads of a training, and what it awaits."""
