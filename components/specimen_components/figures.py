"""A figure in a sentence."""


def short(value: float) -> str:
    """Give four digits, and of a larger number all that stand before the point, with thousands marked."""
    return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:.4g}"
