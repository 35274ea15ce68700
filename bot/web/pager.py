"""Which pages a pager names."""

AROUND = 2


def numbers(current: int, pages: int) -> tuple[int | None, ...]:
    """`1 … 4 5 6 7 8 … 3807` for page 6; None where pages are left out. Empty where there is only one."""
    if pages <= 1:
        return ()
    first = max(1, min(current - AROUND, pages - 2 * AROUND))
    last = min(pages, max(current + AROUND, 1 + 2 * AROUND))
    shown: list[int | None] = list(range(first, last + 1))
    if first > 1:
        shown = [1, *([None] if first > 2 else []), *shown]
    if last < pages:
        shown = [*shown, *([None] if last < pages - 1 else []), pages]
    return tuple(shown)
