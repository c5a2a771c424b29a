"""The page of all commands is what the command line has.

If this fails: `uv run python -m tests.cli.reference`.
"""

from tests.cli.reference import PAGE, commands, page


def test_the_page_is_what_the_command_line_has() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_every_argument_and_option_is_explained() -> None:
    silent = [
        f"{name} {parameter.name}"
        for name, command in commands()
        for parameter in command.params
        if not parameter.help
    ]
    assert silent == []
