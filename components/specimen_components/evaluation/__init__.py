"""From what a transform job answered to figures; no AWS here."""
