"""Rules that users write against smdebug's programming model, run without smdebug."""
