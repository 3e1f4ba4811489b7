"""Text for Markdown pages."""


def cell(text: str) -> str:
    """Give text as a table's cell shows it: no markup, and on one line."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")
