"""What pages say of scenarios is what the sources say.

If one of these fails: `python -m tests.scenarios.reference`.
"""

from tests.scenarios.reference import MODEL, PAGE, model, page


def test_the_page_is_what_the_schema_says() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_the_description_of_the_model_has_the_table_of_deliveries() -> None:
    assert MODEL.read_text("utf-8") == model()
