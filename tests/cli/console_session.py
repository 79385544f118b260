"""Running `guiju` in this process: exit status and everything it said."""

from __future__ import annotations

from click.testing import CliRunner

from server.cli import main


def run(*words: str, language: str = "en", typed: str | None = None, **environment: str) -> tuple[int, str]:
    """(exit status, output) of `guiju WORDS...`; a traceback fails the test."""
    environment = {"GUIJU_LANGUAGE": language, **environment}
    result = CliRunner().invoke(main, list(words), env=environment, input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output
