"""The reference of all fields is the schema's own."""

from tests.scenarios.reference import PAGE, page


def test_the_page_is_what_the_schema_says() -> None:
    """If this fails: `python -m tests.scenarios.reference`."""
    assert PAGE.read_text("utf-8") == page()
