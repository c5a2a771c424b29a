"""How what a library asks for is typed in a terminal: parameters by their options.

Messages of the packages name parameters of Python. Most have an option of the same name; these
have not, and are told as they are typed.
"""

import re

SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"^out: ", "--out "),
    (r"bad='drop'", "--drop"),
    (r"converting=True", "--converting"),
    (r"outcome='(\w+)'", r"--outcome \1"),
    (r"JourneyLog\.pieces\(folder, count=(\d+)\)", r"--pieces \1"),
    (r"names=\{(['\"])(.+?)\1: (['\"])(.+?)\3\}", r'--map "\2=\4"'),
    (r"given=\{(['\"])(.+?)\1: (['\"])(.+?)\3\}", r"--given \2=\4"),
    (r"moved\(scenario, (\d+)\)", r"--shift-to \1"),
    (r"\b(set (?:its|the base's) (\w+))", r"\1 (--set \2=VALUE)"),
)


def for_the_terminal(message: str) -> str:
    """The message with options in the place of parameters that are spelled otherwise."""
    for pattern, option in SPELLINGS:
        message = re.sub(pattern, option, message)
    return message
