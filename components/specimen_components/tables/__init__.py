"""Reading, checking, splitting and writing a table of numbers; no AWS here."""
