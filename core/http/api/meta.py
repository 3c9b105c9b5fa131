"""What the API says about itself."""

from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http import enums
from core.http.etags import conditional
from core.http.schema import operation


class LabelOutput(serializers.Serializer):
    """A code in the words of both languages."""

    en = serializers.CharField()
    zh_hans = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Name the language as the rest of the world does."""
        fields = super().get_fields()
        fields["zh-Hans"] = fields.pop("zh_hans")
        return fields


class CodeOutput(serializers.Serializer):
    """A code as it travels, and what people are shown."""

    code = serializers.CharField()
    label = LabelOutput()  # type: ignore[assignment]


class EnumsOutput(serializers.Serializer):
    """Every enum by name."""

    enums = serializers.DictField(child=CodeOutput(many=True))


class Enums(APIView):
    """The codes of the whole market with their labels."""

    permission_classes = [AllowAny]

    @operation(
        summary="Every code with its labels in both languages", response=EnumsOutput, etag=True
    )
    def get(self, request: Request) -> Response:
        return conditional(request, {"enums": enums.offers()})


@require_safe
def schema(request: HttpRequest) -> FileResponse:  # noqa: ARG001
    """Send the committed OpenAPI document; a test holds it true to the code."""
    file = Path(settings.ROOT) / "docs" / "openapi.yaml"
    return FileResponse(file.open("rb"), content_type="application/yaml; charset=utf-8")
