"""Progress bars on standard error, one per part."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from assortment.core.progress import watched_by


@contextmanager
def bars(console: Console) -> Iterator[None]:
    """Within this block, every part that tells how far it is gets a bar; where nobody looks on, one line when it is done."""
    if not console.is_terminal:
        with watched_by(_Lines(console)):
            yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, watched_by(_Bars(progress)):
        yield


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.running: dict[str, TaskID] = {}

    def __call__(self, part: str, done: int, total: int) -> None:
        if part not in self.running:
            self.running[part] = self.progress.add_task(part, total=total)
        self.progress.update(self.running[part], completed=done, total=total)
        if done >= total:
            del self.running[part]


class _Lines:
    def __init__(self, console: Console) -> None:
        self.console = console

    def __call__(self, part: str, done: int, total: int) -> None:
        if done >= total:
            self.console.print(f"{part}: done", highlight=False)
