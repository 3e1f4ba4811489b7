"""The report's sections, one module each: from a part of the model to HTML."""
