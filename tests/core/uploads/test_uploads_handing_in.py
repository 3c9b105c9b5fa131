"""Files: by what they are, not what they say; used once by their owner; else purged."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from core.errors import InvalidInput, NotFound
from core.uploads.models import Purpose, Upload
from core.uploads.services import handing_in, purging
from tests.factories.accounts import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def png():
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "orange").save(written, "PNG")
    written.seek(0)
    return written


def receive(now, source=None, purpose=Purpose.PHOTO, size=None, owner=None):
    source = source or png()
    size = size or len(source.getvalue())
    return handing_in.receive((owner or a_user()).pk, source, size, purpose, now=now)


def test_a_photo_is_kept_with_its_thumbnail(now):
    upload = receive(now)

    assert default_storage.exists(upload.path)
    assert default_storage.exists(upload.thumb_path)
    assert upload.expires_at == now + timedelta(hours=24)


def test_a_licence_may_be_a_pdf_and_a_photo_may_not(now):
    pdf = b"%PDF-1.7\n%%EOF"

    kept = receive(now, io.BytesIO(pdf), Purpose.LICENCE)

    assert (kept.media_type, default_storage.open(kept.path).read()) == ("application/pdf", pdf)
    with pytest.raises(InvalidInput):
        receive(now, io.BytesIO(pdf), Purpose.PHOTO)


@pytest.mark.parametrize(
    ("body", "size", "code"),
    [
        (b"<svg onload='alert(1)'/>", None, "FILE_TYPE"),
        (b"GIF89a", None, "FILE_TYPE"),
        (b"MZ\x90\x00", None, "FILE_TYPE"),
        (b"\xff\xd8\xff\xe0", handing_in.BYTES_MAX + 1, "FILE_TOO_LARGE"),
        (b"%PDF-1.7", handing_in.PDF_BYTES_MAX + 1, "FILE_TOO_LARGE"),
    ],
)
def test_what_cannot_be_kept_leaves_nothing_behind(now, body, size, code, tmp_path):
    with pytest.raises(InvalidInput) as refused:
        receive(now, io.BytesIO(body), Purpose.LICENCE, size)

    assert refused.value.faults[0].code == code
    assert not Upload.objects.exists()
    assert not list(tmp_path.rglob("*.*"))


def test_a_file_is_used_once_by_its_owner_for_its_purpose_within_a_day(now):
    owner = a_user()
    upload = receive(now, owner=owner)

    def claim(user=owner, purpose=Purpose.PHOTO, at=now):
        with transaction.atomic():
            return handing_in.claim(user.pk, upload.reference, purpose, now=at)

    for wrong in (
        lambda: claim(user=a_user()),
        lambda: claim(purpose=Purpose.LICENCE),
        lambda: claim(at=now + timedelta(hours=24)),
    ):
        with pytest.raises(NotFound):
            wrong()
    assert claim().claimed_at == now
    with pytest.raises(NotFound):
        claim()


def test_unclaimed_files_are_purged_a_bounded_number_at_a_time(now):
    kept = receive(now)
    with transaction.atomic():
        handing_in.claim(kept.owner_id, kept.reference, Purpose.PHOTO, now=now)
    left = [receive(now) for _ in range(3)]
    tomorrow = now + timedelta(hours=24)

    assert purging.purge_unclaimed(now=now) == 0
    assert purging.purge_unclaimed(now=tomorrow, limit=2) == 2
    assert purging.purge_unclaimed(now=tomorrow, limit=2) == 1

    assert list(Upload.objects.all()) == [kept]
    assert default_storage.exists(kept.path)
    assert not any(
        default_storage.exists(path) for one in left for path in (one.path, one.thumb_path)
    )
