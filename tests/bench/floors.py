"""What the market is compared with: views that do less and less, in the same web processes.

Only a run that names this module as its ROOT_URLCONF has these addresses.
"""

import json
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.rendering import WrittenAnswer
from marketplace.config import urls
from marketplace.config.urls import handler400, handler403, handler404, handler500
from tests.bench.rows import kept_in

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

# Everything that one claim of a coupon with one budget writes, in one statement: no function, no
# look at who calls, no stored answer.
CLAIM = """
    WITH batch AS (
        SELECT id, quota_id, use_until FROM coupons_couponbatch WHERE reference = %(batch)s
    ), counted AS (
        INSERT INTO coupons_claimcount AS present (batch_id, user_id, claimed)
        SELECT id, %(user)s, 1 FROM batch
        ON CONFLICT ON CONSTRAINT coupons_claimcount_one_per_person
        DO UPDATE SET claimed = present.claimed + 1
    ), coupon AS (
        INSERT INTO coupons_usercoupon
            (reference, batch_id, user_id, state, is_for_newcomers,
             claimed_at, valid_from, valid_until)
        SELECT %(coupon)s, id, %(user)s, 'UNUSED', false, now(), now(), use_until FROM batch
        RETURNING id
    ), piece AS (
        UPDATE quotas_quotashard SET spent = spent + 1
        WHERE quota_id = (SELECT quota_id FROM batch)
            AND number = %(shard)s
            AND held + spent < total
    ), money AS (
        UPDATE quotas_quotashard SET held = held + 100
        WHERE quota_id = (
                SELECT budget.quota_id FROM coupons_batchfunding AS part
                JOIN coupons_couponbudget AS budget ON budget.id = part.budget_id
                WHERE part.batch_id = (SELECT id FROM batch)
            )
            AND number = %(shard)s AND held + spent + 100 <= total
        RETURNING id, quota_id
    )
    INSERT INTO quotas_quotahold (quota_id, shard_id, owner, held, spent, returned)
    SELECT quota_id, id, 'coupon:' || %(coupon)s, 100, 0, 0 FROM money
"""


_KEPT = b'{"results":[%s]}' % (b"x" * 9000)


class EmptyAnswer(APIView):
    """The framework as every page of the market uses it, with nothing to say."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({"results": []})


class KeptPage(APIView):
    """A page in memory whose age is asked by one statement: what any exact cache could reach."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM sections_section WHERE slug = %s", ["hubei"])
            cursor.fetchone()
        return WrittenAnswer(_KEPT)


def plain_answer(request: HttpRequest) -> HttpResponse:
    """Django with all middleware and nothing of the framework."""
    return JsonResponse({"results": []})


@csrf_exempt
def bare_rows(request: HttpRequest, name: str) -> HttpResponse:
    """Write exactly the rows of a real placement with one statement, and nothing else."""
    order, asked = uuid.uuid4(), request.GET
    statements = _statements(name)
    _write(
        statements[int(asked["like"]) % len(statements)],
        {
            "order": str(order),
            "number": f"B{order.hex[:12]}",
            "key": order.hex,
            "team": asked.get("team"),
            "user": asked.get("user"),
        },
    )
    return JsonResponse({"id": str(order)}, status=201)


@csrf_exempt
def bare_claim(request: HttpRequest) -> HttpResponse:
    """Write exactly the rows of a real claim with one statement, and nothing else."""
    coupon = uuid.uuid4()
    asked = {
        "batch": request.GET["batch"],
        "user": int(request.GET["user"]),
        "coupon": str(coupon),
        "shard": coupon.int % 16,
    }
    _write(CLAIM, asked)
    return JsonResponse({"id": str(coupon)}, status=201)


def _write(statement: str, given: dict[str, Any]) -> None:
    # Bound and planned once by the server: as fast as one statement can be.
    connection.ensure_connection()
    raw: Any = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, 0
    try:
        psycopg.Cursor(raw).execute(statement, given)
    finally:
        raw.prepare_threshold = before


@cache
def _statements(name: str) -> list[str]:
    kept = (Path(settings.LOCAL_DIR) / kept_in(name)).read_text(encoding="utf-8")
    statements: list[str] = json.loads(kept)
    return statements


urlpatterns = [
    path("api/v1/bench/empty", EmptyAnswer.as_view()),
    path("api/v1/bench/plain", plain_answer),
    path("api/v1/bench/kept", KeptPage.as_view()),
    path("api/v1/bench/rows/<slug:name>", bare_rows),
    path("api/v1/bench/claim", bare_claim),
    *urls.urlpatterns,
]
