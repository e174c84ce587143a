"""Logs as JSON, a line to each."""

import json
import logging
from datetime import UTC, datetime

KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as one line of JSON: `time`, `level`, `from`, `says`, whatever else it was given, and `trace` of an error.

    >>> record = logging.makeLogRecord({"name": "serve", "levelname": "INFO", "msg": "open", "created": 0.5, "port": 80})
    >>> JsonLines().format(record)
    '{"time": "1970-01-01T00:00:00.500+00:00", "level": "info", "from": "serve", "says": "open", "port": 80}'
    """

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
            **{name: value for name, value in record.__dict__.items() if name not in KNOWN},
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def log_lines(level: str) -> logging.Handler:
    """Have all that is logged come as JSON lines on standard error; level: the least that does, as in "info"."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, root.level))
    return handler
