"""Coupons for buyers: what can be claimed, claiming, and the wallet."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api.acting import signed_in
from core.http.forms import NothingForm
from core.http.idempotency import once
from core.http.paging import paged
from core.http.schema import operation
from marketplace.abuse.api.origins import origin_of
from marketplace.abuse.domain.rules import Deed
from marketplace.abuse.services import watching
from marketplace.coupons.api import forms, outputs
from marketplace.coupons.models import UserCoupon
from marketplace.coupons.selectors import shown, wallet
from marketplace.coupons.services import claims, money, refusals, wrongs


class Offers(APIView):
    """The batches that can be claimed from now, those that end first coming first."""

    @operation(
        summary="List coupons that can be claimed",
        query=forms.OffersQuery,
        response=outputs.ClaimableOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        asked = forms.OffersQuery.read_query(request)
        rows, broken = shown.claimable(
            signed_in(request).pk, timezone.now(), section=asked.get("section")
        )
        if broken:
            raise wrongs.refusal_of(broken)
        return paged(request, rows, ordering=("claim_until", "id"), render=outputs.claimable)


class Claims(APIView):
    """Claiming."""

    @operation(
        summary="Claim a coupon",
        request=NothingForm,
        response=outputs.CouponOutput,
        status=201,
        refusals=(
            claims.CouponWindow,
            claims.CouponPaused,
            claims.CouponUserLimit,
            claims.CouponSoldOut,
            money.BudgetExhausted,
            *watching.REFUSALS,
        ),
        idempotency="required",
    )
    def post(self, request: Request, reference: UUID) -> Response:
        NothingForm.read(request)
        now = timezone.now()
        with refusals.counted(reference, now):
            return once(
                request,
                lambda: _claimed(request, reference, now),
                lambda coupon: outputs.coupon(coupon, coupon.state),
            )


def _claimed(request: Request, reference: UUID, now: datetime) -> UserCoupon:
    """Claim, unless whoever claims is to be refused; that is judged before any piece is taken."""
    user_id = signed_in(request).pk
    watching.note(watching.Noted(Deed.CLAIM, reference, user_id, origin_of(request)), now=now)
    return claims.claim(user_id, reference, now)


class Wallet(APIView):
    """The caller's coupons."""

    @operation(
        summary="List one's coupons",
        query=forms.WalletQuery,
        response=outputs.CouponOutput,
        paged=True,
    )
    def get(self, request: Request) -> Response:
        asked, now = forms.WalletQuery.read_query(request), timezone.now()
        return paged(
            request,
            wallet.coupons_of(signed_in(request).pk, asked.get("state"), now),
            ordering=("-claimed_at", "-id"),
            render=lambda coupon: outputs.coupon(coupon, wallet.state_at(coupon, now)),
        )
