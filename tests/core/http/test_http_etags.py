"""Nobody is sent what they have, and nobody overwrites what they have not seen."""

import pytest

from tests.support.interface import Tagged

pytestmark = pytest.mark.urls("tests.support.interface")


def test_a_second_reading_is_304_without_a_body(client):
    tag = client.get("/api/v1/tagged")["ETag"]

    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get("/api/v1/tagged", headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_a_changed_thing_is_sent_again(client, monkeypatch):
    tag = client.get("/api/v1/tagged")["ETag"]

    monkeypatch.setattr(Tagged, "version", 4)

    assert client.get("/api/v1/tagged", headers={"If-None-Match": tag}).status_code == 200


def test_a_change_is_taken_from_whoever_saw_the_present_version(client):
    tag = client.get("/api/v1/tagged")["ETag"]

    for sent in (tag, "*", '"3"', f'"1-abc", {tag}'):
        assert client.patch("/api/v1/tagged", headers={"If-Match": sent}).status_code == 200
    assert client.patch("/api/v1/tagged").status_code == 200


@pytest.mark.parametrize("sent", ['"2-abc"', '"30"', "garbage"])
def test_a_change_to_another_version_is_refused(client, sent):
    answer = client.patch("/api/v1/tagged", headers={"If-Match": sent})

    assert (answer.status_code, answer.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert answer.json()["version"] == 3
