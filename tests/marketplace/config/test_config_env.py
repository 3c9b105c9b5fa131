import pytest
from django.core.exceptions import ImproperlyConfigured

from marketplace.config import env


def test_a_variable_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET", "from the environment")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))

    assert env.text("A_SECRET") == "from the file"


def test_a_file_that_cannot_be_read_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(ImproperlyConfigured, match=r"A_SECRET_FILE.*nowhere"):
        env.text("A_SECRET", "default")


def test_a_missing_variable_is_named_with_both_ways_to_set_it():
    with pytest.raises(ImproperlyConfigured, match=r"NO_SUCH_VARIABLE \(or NO_SUCH_VARIABLE_FILE"):
        env.text("NO_SUCH_VARIABLE")


@pytest.mark.parametrize(
    ("said", "meant"), [("yes", True), ("1", True), ("no", False), ("", False)]
)
def test_a_flag_says_yes_or_does_not(monkeypatch, said, meant):
    monkeypatch.setenv("A_FLAG", said)

    assert env.flag("A_FLAG") is meant


def test_a_number_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("A_NUMBER", "many")

    with pytest.raises(ImproperlyConfigured, match="A_NUMBER must be a whole number"):
        env.number("A_NUMBER", 1)


def test_words_are_split_at_commas_and_trimmed(monkeypatch):
    monkeypatch.setenv("SOME_WORDS", " a, b ,,c")

    assert env.words("SOME_WORDS") == ["a", "b", "c"]
