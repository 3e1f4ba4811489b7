"""Results to text: each format is one function."""
