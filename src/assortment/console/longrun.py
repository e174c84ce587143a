"""The long run: what simulated people came to under each policy, as the report has it."""

from fastapi import Request as Asked
from fastapi.responses import HTMLResponse

from assortment.console.desk import Desk
from assortment.report.longrun import long_run


def add_long_run(desk: Desk) -> None:
    @desk.router.get("/longrun", response_class=HTMLResponse)
    def shown(asked: Asked) -> HTMLResponse:
        findings = desk.shop.findings
        return desk.page(asked, "longrun.html", {"found": long_run(findings.simulated, findings.learned)})
