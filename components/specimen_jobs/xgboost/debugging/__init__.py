"""What Debugger asks of a training: tensors, saved as it goes on, and how long each of its phases took."""
