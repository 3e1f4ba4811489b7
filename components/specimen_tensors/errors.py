"""What reading and writing tensors can raise."""


class LayoutError(Exception):
    """A file that is damaged or not of smdebug's layout; the message names it and says what is wrong."""
