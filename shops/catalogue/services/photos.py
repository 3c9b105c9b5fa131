"""The pictures of a product, in the order its shop wants."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.audit.actors import Actor
from core.transactions import needs_transaction
from core.uploads.models import Purpose
from core.uploads.services import handing_in
from shops.catalogue.models import ProductPhoto


@needs_transaction
def replace(product_id: int, references: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
    """Show exactly these pictures, the first one as the cover.

    Raises:
        NotFound: a new one is not the actor's, is no photo, or was handed in too long ago.
    """
    present = {
        photo.upload.reference: photo
        for photo in ProductPhoto.objects.filter(product_id=product_id).select_related("upload")
    }
    ProductPhoto.objects.filter(product_id=product_id).exclude(
        upload__reference__in=references
    ).delete()
    for position, reference in enumerate(dict.fromkeys(references)):
        photo = present.get(reference)
        if photo is not None:
            ProductPhoto.objects.filter(pk=photo.pk).update(position=position)
            continue
        upload = handing_in.claim(actor.user_id or 0, reference, Purpose.PHOTO, now=now)
        ProductPhoto.objects.create(product_id=product_id, upload=upload, position=position)
