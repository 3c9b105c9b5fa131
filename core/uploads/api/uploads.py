"""Handing a file in."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import signed_in
from core.http.forms import CodeField, Form
from core.http.limits import Limit
from core.http.refusals import BodyTooLarge
from core.http.schema import operation
from core.uploads import addresses
from core.uploads.models import Purpose
from core.uploads.services import handing_in

# What surrounds the file in a multipart body.
ENVELOPE_BYTES_MAX = 20_000
NAME_CHARACTERS_MAX = 255


class BoundedMultiPart(MultiPartParser):
    """Refuse a body by what it says of its length; no more than that is ever read."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        if not length.isdigit() or int(length) > handing_in.BYTES_MAX + ENVELOPE_BYTES_MAX:
            raise BodyTooLarge(bytes_max=handing_in.BYTES_MAX)
        return super().parse(stream, media_type, dict(parser_context or {}))


class UploadForm(Form):
    """A file and what it is for."""

    file = serializers.FileField(max_length=NAME_CHARACTERS_MAX)
    purpose = CodeField(choices=Purpose.choices)


class UploadOutput(serializers.Serializer[Any]):
    """A file that waits to be referred to."""

    id = serializers.UUIDField()
    url = serializers.CharField(help_text="Of a private file: readable for five minutes.")
    thumb_url = serializers.CharField(required=False, help_text="Of photos only, at most 30 KB.")
    expires_at = serializers.DateTimeField(help_text="Refer to it before; afterwards it is gone.")


class Uploads(APIView):
    """Files."""

    parser_classes = (BoundedMultiPart,)
    rate = Limit("uploads", 120, per_s=60)

    @operation(
        summary="Hand in a photo, a licence or evidence",
        request=UploadForm,
        request_media_type="multipart/form-data",
        response=UploadOutput,
        status=201,
        refusals=(BodyTooLarge,),
    )
    def post(self, request: Request) -> Response:
        form = UploadForm.read(request)
        upload = handing_in.receive(
            signed_in(request).pk,
            form["file"],
            form["file"].size,
            Purpose(form["purpose"]),
            now=timezone.now(),
        )
        answer = {
            "id": upload.reference,
            "url": addresses.url_of(upload),
            "expires_at": upload.expires_at,
        }
        if upload.thumb_path:
            answer["thumb_url"] = addresses.photo_url(upload.thumb_path)
        return Response(answer, status=201)
