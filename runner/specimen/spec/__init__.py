"""The language: documents with positions, checked against the schemas and the rules between their parts."""
