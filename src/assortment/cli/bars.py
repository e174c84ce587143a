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
    known = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    columns = (*known, TextColumn("{task.fields[remark]}"))
    with Progress(*columns, console=console) as progress:
        shown = _Bars(progress)
        with watched_by(shown, shown.hear):
            yield


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.running: dict[str, TaskID] = {}
        self.remarks: dict[str, str] = {}

    def __call__(self, part: str, done: int, total: int) -> None:
        if part not in self.running:
            self.running[part] = self.progress.add_task(part, total=total, remark="")
        self.progress.update(self.running[part], completed=done, total=total, remark=self.remarks.pop(part, ""))
        if done >= total:
            del self.running[part]

    def hear(self, part: str, remark: str) -> None:
        self.remarks[part] = remark


class _Lines:
    def __init__(self, console: Console) -> None:
        self.console = console

    def __call__(self, part: str, done: int, total: int) -> None:
        if done >= total:
            self.console.print(f"{part}: done", highlight=False)
