"""Files over HTTP."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.uploads import addresses
from core.uploads.models import Upload
from core.uploads.services import handing_in
from tests.factories.accounts import a_user, bearer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def signed_in():
    return bearer(a_user())


def picture(name="orange.jpg"):
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(written, "JPEG")
    return SimpleUploadedFile(name, written.getvalue(), content_type="text/html")


def hand_in(client, signed_in, purpose="PHOTO", file=None, **more):
    body = {"file": file or picture(), "purpose": purpose, **more}
    return client.post("/api/v1/uploads", body, **signed_in)


def bytes_of(answer):
    return b"".join(answer.streaming_content)


def test_a_photo_can_be_read_by_anybody_and_kept_for_ever(client, signed_in):
    answer = hand_in(client, signed_in)

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert set(body) == {"id", "url", "thumb_url", "expires_at"}
    for url in (body["url"], body["thumb_url"]):
        read = client.get(url)
        assert (read.status_code, read["Content-Type"]) == (200, "image/webp")
        assert "immutable" in read["Cache-Control"]
        assert Image.open(io.BytesIO(bytes_of(read))).format == "WEBP"


def test_a_licence_is_read_by_its_signature_for_five_minutes(client, signed_in, monkeypatch):
    body = hand_in(client, signed_in, "LICENCE").json()

    assert "thumb_url" not in body
    read = client.get(body["url"])
    assert (read.status_code, read["Cache-Control"]) == (200, "private, no-store")
    assert bytes_of(read)
    assert client.get(f"/api/v1/media/{Upload.objects.get().path}").status_code == 404
    assert client.get(body["url"][:-2]).status_code == 404
    monkeypatch.setattr("django.core.signing.time.time", lambda: 4_000_000_000)
    assert client.get(body["url"]).status_code == 404


def test_a_path_of_somebody_elses_making_opens_nothing(client):
    assert client.get("/api/v1/media/photos/../../etc/passwd").status_code == 404
    assert addresses.path_of("../../etc/passwd") is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"purpose": "ANYTHING"}, "/purpose"),
        ({"file": SimpleUploadedFile("a.jpg", b"<html>")}, "/file"),
        ({"file": SimpleUploadedFile("a.jpg", b"")}, "/file"),
        ({"file": "text"}, "/file"),
        ({"more": "1"}, "/more"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(client, signed_in, change, pointer):
    answer = hand_in(client, signed_in, **change)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Upload.objects.exists()


def test_a_body_is_refused_by_its_length(client, signed_in, monkeypatch):
    monkeypatch.setattr(handing_in, "BYTES_MAX", 10)
    monkeypatch.setattr("core.uploads.api.uploads.ENVELOPE_BYTES_MAX", 10)

    assert hand_in(client, signed_in).status_code == 413


def test_json_is_not_a_file(client, signed_in):
    answer = client.post("/api/v1/uploads", "{}", content_type="application/json", **signed_in)

    assert answer.status_code == 415


def test_nobody_hands_in_a_file_without_signing_in(client):
    assert hand_in(client, {}).status_code == 401
