"""The commands, a module each: they wire what others do and print what comes of it; `specimen.cli` runs them."""
