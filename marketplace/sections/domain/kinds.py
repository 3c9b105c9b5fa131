"""Whose section it is."""

from django.db import models

from core.http.enums import offered


@offered
class SectionKind(models.TextChoices):
    """Who stands behind a section."""

    PLAIN = "PLAIN", "The market's own|平台专区"
    HALL = "HALL", "A county's hall|县域特色馆"
    CO_BRANDED = "CO_BRANDED", "With a partner who reviews its goods|联名专区"
