"""Pre-sales as buyers and shops see them; and one's own orders in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum

from core.errors import NotFound
from core.quotas.models import QuotaShard
from marketplace.activities.domain.states import LIVE
from orders.presales.domain.states import PresaleState
from orders.presales.models import Preorder, PresaleTerms


def running(now: datetime, *, product: UUID | None = None) -> QuerySet[PresaleTerms]:
    """Return the pre-sales in which something can be ordered now."""
    rows = _with_goods().filter(
        state=PresaleState.OPEN,
        activity__state__in=LIVE,
        activity__starts_at__lte=now,
        activity__ends_at__gt=now,
    )
    return rows.filter(activity__sku__product__reference=product) if product else rows


def of_shop(shop_id: int) -> QuerySet[PresaleTerms]:
    """Return the pre-sales of a shop, whether they run or not."""
    return _with_goods().filter(activity__shop=shop_id)


def presale(reference: UUID) -> PresaleTerms:
    """Return a pre-sale.

    Raises:
        NotFound: there is none of this reference.
    """
    try:
        return _with_goods().get(activity__reference=reference)
    except PresaleTerms.DoesNotExist:
        raise NotFound(subject="pre-sale") from None


def preorders_of(user_id: int) -> QuerySet[Preorder]:
    """Return what somebody ordered in pre-sales, ready to be shown."""
    rows = Preorder.objects.filter(order__buyer=user_id)
    return rows.select_related("order", "terms__activity")


def shown(terms: Any, now: datetime) -> dict[str, Any]:
    """Return a pre-sale as everybody sees it; its goods and what is left are at hand."""
    activity = terms.activity
    return {
        "id": activity.reference,
        "kind": terms.kind,
        "state": activity.state,
        "delivery": terms.state,
        "sku": activity.sku.reference,
        "product": activity.sku.product.reference,
        "title": activity.sku.product.title,
        "spec": activity.sku.spec,
        "price_fen": activity.price_fen,
        "list_price_fen": activity.list_price_fen,
        "deposit_fen": activity.deposit_fen,
        "deposit_worth_fen": activity.deposit_worth_fen,
        "left": terms.left,
        "per_user_limit": activity.per_user_limit,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "balance_from": terms.balance_from,
        "balance_until": terms.balance_until,
        "ship_from": terms.ship_from,
        "ship_until": terms.ship_until,
        "forecast_g": terms.forecast_g,
        "factor_bp": terms.factor_bp,
        "default_rule": terms.default_rule,
        "compensation_fen": terms.compensation_fen,
        "server_time": now,
    }


def preorder_shown(preorder: Preorder, now: datetime) -> dict[str, Any]:
    """Return one's own order in a pre-sale: where it stands, what is due and when."""
    order = preorder.order
    return {
        "order": order.reference,
        "number": order.number,
        "presale": preorder.terms.activity.reference,
        "kind": preorder.terms.kind,
        "state": preorder.state,
        "quantity": preorder.quantity,
        "payable_fen": order.payable_fen,
        "deposit_fen": order.deposit_fen,
        "balance_fen": order.balance_fen,
        "pay_before": order.pay_before,
        "balance_from": order.balance_from,
        "balance_until": order.balance_until,
        "deposit_at": preorder.deposit_at,
        "paid_at": preorder.paid_at,
        "ended_at": preorder.ended_at,
        "ship_from": preorder.ship_from,
        "ship_until": preorder.ship_until,
        "compensation_fen": preorder.compensation_fen,
        "server_time": now,
    }


def _with_goods() -> QuerySet[PresaleTerms]:
    shards = QuotaShard.objects.filter(quota=OuterRef("activity__quota")).order_by()
    free = shards.values("quota").annotate(free=Sum(F("total") - F("held") - F("spent")))
    left = Subquery(free.values("free"), output_field=BigIntegerField())
    return PresaleTerms.objects.select_related("activity__sku__product").annotate(left=left)
