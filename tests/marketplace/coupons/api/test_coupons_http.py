"""Budgets, batches, claims and wallets over HTTP: bodies, codes, permissions, statements."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from core.accounts.domain.roles import Role
from core.quotas.models import QuotaHold
from marketplace.coupons.domain import codes as code_words
from marketplace.coupons.domain.drafts import WantedFunding
from marketplace.coupons.models import CouponBatch, CouponBudget, UserCoupon
from marketplace.coupons.services import codes
from tests.factories.accounts import a_staff, a_user, bearer
from tests.factories.catalogue import a_product
from tests.factories.coupons import a_batch, a_budget, a_coupon, codes_of, decided, with_codes
from tests.factories.sections import a_section
from tests.factories.storefronts import open_shop
from tests.support.outbox import deliver_all

pytestmark = pytest.mark.django_db


class Caller:
    """Somebody at the other end of the wire."""

    def __init__(self, client, user):
        self.client, self.user, self.headers = client, user, bearer(user)

    def get(self, address):
        return self.client.get(f"/api/v1/{address}", **self.headers)

    def post(self, address, body=None, key=None):
        return self._send("post", address, body, key)

    def patch(self, address, body):
        return self._send("patch", address, body)

    def _send(self, verb, address, body, key=None):
        extra = self.headers | ({"HTTP_IDEMPOTENCY_KEY": key} if key else {})
        return getattr(self.client, verb)(
            f"/api/v1/{address}", body or {}, content_type="application/json", **extra
        )


@pytest.fixture
def staff(client):
    return Caller(client, a_staff(Role.CAMPAIGN_MANAGER))


@pytest.fixture
def buyer(client):
    return Caller(client, a_user())


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def seller(client, shop):
    return Caller(client, shop.members.get(role="OWNER").user)


def window():
    now = timezone.now()
    return {
        "claim_from": (now - timedelta(hours=1)).isoformat(),
        "claim_until": (now + timedelta(days=7)).isoformat(),
        "use_until": (now + timedelta(days=14)).isoformat(),
    }


def batch_body(budget=None, **changes):
    budget = budget or str(a_budget().reference)
    return {
        "name": "湖北专区满减",
        "issuer": "PLATFORM",
        "kind": "FULL_REDUCTION",
        "commit_mode": "AT_CLAIM",
        "threshold_fen": 20_000,
        "amount_fen": 3_000,
        "scope": {},
        "quantity": 100,
        "per_user_limit": 1,
        "funding": [
            {"funder": "PLATFORM", "bp": 7_000, "budget": budget},
            {"funder": "SHOP", "bp": 3_000},
        ],
        "allow_on_activity_price": False,
        **window(),
        **changes,
    }


def problem(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return answer.json()


def test_a_campaign_from_the_budget_to_the_wallet(staff, seller, shop, buyer):
    opened = staff.post(
        "staff/coupon-budgets",
        {"name": "乡村振兴", "funder": "PLATFORM", "total_fen": 1_000_000},
    )
    assert opened.status_code == 201
    budget = opened.json()
    assert {name: budget[name] for name in budget if name.endswith("_fen")} == {
        "total_fen": 1_000_000,
        "available_fen": 1_000_000,
        "reserved_fen": 0,
        "spent_fen": 0,
        "daily_cap_fen": None,
    }

    drafted = staff.post("staff/coupon-batches", batch_body(budget["id"]))
    assert drafted.status_code == 201, drafted.content
    batch = drafted.json()
    assert (batch["state"], batch["claimed"], batch["used"]) == ("DRAFT", 0, 0)
    assert batch["allowed_actions"] == ["submit"]
    assert batch["funding"][0] == {"funder": "PLATFORM", "bp": 7_000, "budget": budget["id"]}

    life = f"staff/coupon-batches/{batch['id']}/transitions"
    assert staff.post(life, {"action": "submit"}).json()["state"] == "REVIEW"
    assert staff.post(life, {"action": "approve"}).json()["state"] == "ACTIVE"

    asked = seller.get(f"seller/shops/{shop.reference}/accepted-batches").json()["results"]
    assert [(row["id"], row["shop_bp"], row["accepted_at"]) for row in asked] == [
        (batch["id"], 3_000, None)
    ]
    accepted = seller.post(
        f"seller/shops/{shop.reference}/accepted-batches", {"batch": batch["id"]}
    )
    assert accepted.status_code == 201
    assert accepted.json()["shop"] == str(shop.reference)

    offers = buyer.get("coupon-batches").json()["results"]
    assert [(row["id"], row["claimed_by_me"]) for row in offers] == [(batch["id"], 0)]

    claimed = buyer.post(f"coupon-batches/{batch['id']}/claims", key="k1")
    assert claimed.status_code == 201, claimed.content
    coupon = claimed.json()
    assert (coupon["state"], coupon["batch"]["id"]) == ("UNUSED", batch["id"])
    assert coupon["batch"]["amount_fen"] == 3_000

    again = buyer.post(f"coupon-batches/{batch['id']}/claims", key="k1")
    assert (again.json(), again["Idempotent-Replayed"]) == (coupon, "true")
    assert UserCoupon.objects.count() == 1

    assert buyer.get("me/coupons?state=UNUSED").json()["results"] == [coupon]
    after = staff.get(f"staff/coupon-budgets/{budget['id']}").json()
    assert (after["available_fen"], after["reserved_fen"]) == (997_900, 2_100)
    assert staff.get(f"staff/coupon-batches/{batch['id']}").json()["claimed"] == 1


def test_a_claim_over_http_costs_at_most_seven_statements(buyer, shop, queries_of):
    one, shops_own = a_batch(), a_batch(shop)
    answers = []

    def claim(batch):
        answers.append(buyer.post(f"coupon-batches/{batch.reference}/claims", key=str(uuid4())))

    # Who is asking, the key, the claim, its piece, its money, the kept answer.
    assert queries_of(lambda: claim(one)) == 6
    assert queries_of(lambda: claim(shops_own)) == 5
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].json()["batch"]["shop"] == {
        "id": str(shop.reference),
        "slug": shop.slug,
        "name": shop.name,
    }


def test_lists_cost_the_same_however_long_they_are(staff, buyer, queries_of):
    addresses = {
        staff: ("staff/coupon-budgets", "staff/coupon-batches"),
        buyer: ("coupon-batches", "me/coupons"),
    }
    pairs = [(caller, address) for caller, names in addresses.items() for address in names]
    a_coupon(buyer.user, a_batch(name="first"))
    few = [queries_of(lambda c=caller, a=address: c.get(a)) for caller, address in pairs]
    for number in range(4):
        a_coupon(buyer.user, a_batch(name=str(number)))

    assert [queries_of(lambda c=caller, a=address: c.get(a)) for caller, address in pairs] == few


def test_a_claim_needs_a_key_and_a_person(client, buyer):
    address = f"coupon-batches/{a_batch().reference}/claims"

    problem(buyer.post(address), 400, "IDEMPOTENCY_KEY_REQUIRED")
    unknown = client.post(f"/api/v1/{address}", {}, content_type="application/json")
    problem(unknown, 401, "NOT_SIGNED_IN")
    assert not UserCoupon.objects.exists()


def test_every_refusal_of_a_claim_has_its_code_and_leaves_nothing(buyer):
    taken = a_batch(quantity=1)
    a_coupon(a_user(), taken)
    poor = a_batch(
        funding=a_batch_funding(a_budget(total_fen=2_999)),
    )
    over = a_batch(claim_until=timezone.now() - timedelta(hours=1))
    mine = a_batch()
    a_coupon(buyer.user, mine)
    coupons, holds = UserCoupon.objects.count(), QuotaHold.objects.count()

    for batch, code in (
        (taken, "COUPON_SOLD_OUT"),
        (poor, "BUDGET_EXHAUSTED"),
        (over, "COUPON_WINDOW"),
        (mine, "COUPON_USER_LIMIT"),
        (decided(a_batch(), "pause"), "COUPON_PAUSED"),
    ):
        problem(buyer.post(f"coupon-batches/{batch.reference}/claims", key=code), 409, code)
    draft = a_batch(active=False)
    for reference in (draft.reference, uuid4()):
        answer = buyer.post(f"coupon-batches/{reference}/claims", key=str(reference))
        problem(answer, 404, "NOT_FOUND")

    assert (UserCoupon.objects.count(), QuotaHold.objects.count()) == (coupons, holds)


def a_batch_funding(budget):
    return (WantedFunding("PLATFORM", 10_000, budget.reference),)


BAD_BATCHES = {
    "both thresholds": ({"threshold_pieces": 2}, "/threshold_pieces", "THRESHOLD_TWICE"),
    "no cap": (
        {"kind": "DISCOUNT", "amount_fen": None, "discount_bp": 1_500},
        "/max_discount_fen",
        "CAP_REQUIRED",
    ),
    "some time": ({"commit_mode": "SOMETIME"}, "/commit_mode", "INVALID_CHOICE"),
    "not whole": ({"funding": [{"funder": "SHOP", "bp": 9_999}]}, "/funding", "FUNDING_NOT_WHOLE"),
    "share of 0": ({"funding": [{"funder": "SHOP", "bp": 0}]}, "/funding/0/bp", "MIN_VALUE"),
    "a host pays": (
        {"funding": [{"funder": "HOST", "bp": 10_000}]},
        "/funding/0/funder",
        "INVALID_CHOICE",
    ),
    "no funding": ({"funding": []}, "/funding", "MIN_LENGTH"),
    "unknown field": ({"colour": "red"}, "/colour", "UNKNOWN_FIELD"),
    "later kinds": ({"kind": "GIFT"}, "/kind", "INVALID_CHOICE"),
    "shop's own here": ({"issuer": "SHOP"}, "/issuer", "ISSUER_DOES_NOT_FIT"),
    "naive time": ({"claim_from": "2026-11-11T00:00:00"}, "/claim_from", "NAIVE_TIME"),
    "backwards": ({"claim_until": "2020-01-01T00:00:00Z"}, "/claim_until", "WINDOW_NOT_FORWARD"),
    "use ends first": (
        {"use_until": "2026-01-01T00:00:00Z"},
        "/use_until",
        "USE_ENDS_BEFORE_CLAIMS",
    ),
    "zero": ({"amount_fen": 0}, "/amount_fen", "MIN_VALUE"),
    "negative": ({"threshold_fen": -1}, "/threshold_fen", "MIN_VALUE"),
    "too much": ({"amount_fen": 10**13 + 1}, "/amount_fen", "MAX_VALUE"),
    "beyond bigint": ({"quantity": 2**64}, "/quantity", "MAX_VALUE"),
    "text for money": ({"amount_fen": "3000"}, "/amount_fen", "NOT_AN_INTEGER"),
    "right to left": ({"name": "券\u202e"}, "/name", "FORBIDDEN_CHARACTER"),
    "more than two thousand products": (
        {"scope": {"products": [str(uuid4()) for _ in range(2_001)]}},
        "/scope/products",
        "MAX_LENGTH",
    ),
    "more grace than a week": (
        {"grace_hours_on_return": 169},
        "/grace_hours_on_return",
        "MAX_VALUE",
    ),
    "negative grace": ({"grace_hours_on_return": -1}, "/grace_hours_on_return", "MIN_VALUE"),
    "unknown section": ({"scope": {"sections": ["x"]}}, "/scope/sections/0", "UNKNOWN"),
    "unknown region": ({"scope": {"regions": ["999999"]}}, "/scope/regions/0", "UNKNOWN_REGION"),
    "unknown budget": (
        {"funding": [{"funder": "PLATFORM", "bp": 10_000, "budget": str(uuid4())}]},
        "/funding/0/budget",
        "UNKNOWN",
    ),
}


@pytest.mark.parametrize("case", BAD_BATCHES)
def test_a_wrong_batch_is_refused_where_it_is_wrong(staff, case):
    changes, pointer, code = BAD_BATCHES[case]

    answer = staff.post("staff/coupon-batches", batch_body(**changes))

    found = problem(answer, 400, "INVALID_INPUT")["errors"]
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in found}
    assert not CouponBatch.objects.exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"total_fen": 0}, "/total_fen"),
        ({"total_fen": 10**13 + 1}, "/total_fen"),
        ({"funder": "SHOP"}, "/funder"),
        ({"daily_cap_fen": 0}, "/daily_cap_fen"),
        ({"daily_cap_fen": -5}, "/daily_cap_fen"),
        ({"daily_cap_fen": 10**13 + 1}, "/daily_cap_fen"),
        ({"name": ""}, "/name"),
    ],
)
def test_a_wrong_budget_is_refused(staff, changes, pointer):
    body = {"name": "预算", "funder": "PLATFORM", "total_fen": 1, **changes}

    found = problem(staff.post("staff/coupon-budgets", body), 400, "INVALID_INPUT")["errors"]

    assert [error["pointer"] for error in found] == [pointer]
    assert not CouponBudget.objects.exists()


def test_rules_are_said_in_the_callers_language(staff):
    body = batch_body(threshold_fen=None)

    def said(language):
        staff.headers["HTTP_ACCEPT_LANGUAGE"] = language
        return staff.post("staff/coupon-batches", body).json()["errors"][0]["detail"]

    assert "needs a threshold" in said("en")
    assert "必须设置门槛" in said("zh-Hans")


def test_only_campaign_managers_reach_budgets_and_batches(client, buyer, seller):
    reviewer = Caller(client, a_staff(Role.REVIEWER))
    batch = a_batch(active=False)

    for caller in (buyer, seller, reviewer):
        for address in ("staff/coupon-budgets", "staff/coupon-batches"):
            problem(caller.get(address), 403, "FORBIDDEN")
            problem(caller.post(address, {}), 403, "FORBIDDEN")
        step = caller.post(
            f"staff/coupon-batches/{batch.reference}/transitions", {"action": "submit"}
        )
        problem(step, 403, "FORBIDDEN")
    assert CouponBatch.objects.get().state == "DRAFT"


def test_a_step_that_cannot_be_taken_is_refused(staff):
    batch = a_batch(active=False)
    life = f"staff/coupon-batches/{batch.reference}/transitions"

    problem(staff.post(life, {"action": "approve"}), 409, "ILLEGAL_TRANSITION")
    problem(staff.post(life, {"action": "dance"}), 400, "INVALID_INPUT")
    problem(
        staff.post(f"staff/coupon-batches/{uuid4()}/transitions", {"action": "submit"}),
        404,
        "NOT_FOUND",
    )


def test_what_may_still_be_edited_while_it_runs(staff):
    batch, budget = a_batch(), a_budget(1_000)
    address = f"staff/coupon-batches/{batch.reference}"

    assert staff.patch(address, {"quantity": 150}).json()["quantity"] == 150
    problem(staff.patch(address, {"quantity": 149}), 400, "INVALID_INPUT")
    fixed = problem(staff.patch(address, {"amount_fen": 1}), 409, "BATCH_FIXED")
    assert fixed["fields"] == ["amount_fen"]

    money = f"staff/coupon-budgets/{budget.reference}"
    assert staff.patch(money, {"total_fen": 2_000}).json()["available_fen"] == 2_000
    problem(staff.patch(money, {"total_fen": 1_999}), 400, "INVALID_INPUT")


def test_a_draft_is_changed_by_what_is_sent_and_nothing_else(staff):
    batch = staff.post("staff/coupon-batches", batch_body()).json()
    address = f"staff/coupon-batches/{batch['id']}"

    changed = staff.patch(address, {"amount_fen": 2_500, "scope": {"regions": ["420000"]}}).json()

    assert changed == batch | {"amount_fen": 2_500, "scope": changed["scope"]}
    assert changed["scope"] == batch["scope"] | {"regions": ["420000"]}
    for wrong in ({"threshold_pieces": 2}, {"issuer": "SHOP"}, {"funding": [{"funder": "SHOP"}]}):
        problem(staff.patch(address, wrong), 400, "INVALID_INPUT")
    assert staff.get(address).json() == changed


def test_a_shop_runs_its_own_coupons(seller, shop, buyer):
    address = f"seller/shops/{shop.reference}/coupon-batches"
    body = batch_body(threshold_fen=8_000, amount_fen=1_000, issuer="SHOP")
    del body["funding"]

    drafted = seller.post(address, body)
    assert drafted.status_code == 201, drafted.content
    batch = drafted.json()
    assert batch["funding"] == [{"funder": "SHOP", "bp": 10_000, "budget": None}]
    for action in ("submit", "approve"):
        assert (
            seller.post(f"{address}/{batch['id']}/transitions", {"action": action}).status_code
            == 200
        )
    assert seller.patch(f"{address}/{batch['id']}", {"quantity": 101}).json()["quantity"] == 101
    assert [row["id"] for row in seller.get(address).json()["results"]] == [batch["id"]]

    claimed = buyer.post(f"coupon-batches/{batch['id']}/claims", key="1")
    assert claimed.json()["batch"]["shop"]["id"] == str(shop.reference)


def test_a_shop_reaches_neither_outside_itself_nor_into_budgets(seller, shop):
    address = f"seller/shops/{shop.reference}/coupon-batches"
    other = open_shop()
    cases = (
        ({"scope": {"shops": [str(other.reference)]}}, "/scope/shops/0"),
        ({"funding": batch_body()["funding"]}, "/funding/0/funder"),
        ({"issuer": "PLATFORM"}, "/issuer"),
    )
    for changes, pointer in cases:
        body = {"funding": [{"funder": "SHOP", "bp": 10_000}], "issuer": "SHOP"} | changes
        answer = seller.post(address, batch_body(**body))
        found = problem(answer, 400, "INVALID_INPUT")["errors"]
        assert pointer in [error["pointer"] for error in found]


def test_another_shops_batches_are_not_there(seller, shop, buyer):
    other = a_batch(open_shop(), active=False)
    own = f"seller/shops/{shop.reference}/coupon-batches"
    theirs = f"seller/shops/{other.issuer_shop.reference}/coupon-batches"

    for answer in (
        seller.get(f"{own}/{other.reference}"),
        seller.patch(f"{own}/{other.reference}", {"quantity": 999}),
        seller.post(f"{own}/{other.reference}/transitions", {"action": "submit"}),
        seller.get(theirs),
        seller.post(theirs, batch_body()),
        seller.post(f"{theirs}/{other.reference}/transitions", {"action": "submit"}),
        buyer.get(own),
        buyer.get(f"seller/shops/{shop.reference}/accepted-batches"),
        buyer.post(f"seller/shops/{shop.reference}/accepted-batches", {"batch": str(uuid4())}),
        seller.post(f"seller/shops/{shop.reference}/accepted-batches", {"batch": str(uuid4())}),
    ):
        problem(answer, 404, "NOT_FOUND")


def test_a_batch_that_asks_nothing_of_shops_cannot_be_accepted(seller, shop):
    answer = seller.post(
        f"seller/shops/{shop.reference}/accepted-batches", {"batch": str(a_batch().reference)}
    )

    problem(answer, 409, "NOTHING_TO_ACCEPT")


def test_offers_are_those_that_can_be_claimed_now(buyer):
    now = timezone.now()
    running = a_batch()
    a_batch(active=False)
    decided(a_batch(), "pause")
    decided(a_batch(), "end")
    a_batch(claim_from=now + timedelta(hours=1))
    a_batch(claim_until=now - timedelta(hours=1))
    a_coupon(buyer.user, running)

    rows = buyer.get("coupon-batches").json()["results"]

    assert [(row["id"], row["claimed"], row["claimed_by_me"]) for row in rows] == [
        (str(running.reference), 1, 1)
    ]
    problem(buyer.get("coupon-batches?section=nowhere"), 400, "INVALID_INPUT")


def test_the_wallet_shows_a_coupon_past_its_window_as_expired_before_the_sweep(buyer):
    now = timezone.now()
    fresh = a_coupon(buyer.user, a_batch())
    stale = a_coupon(
        buyer.user, a_batch(use_until=None, days_after_claim=1), now - timedelta(days=2)
    )
    a_coupon(a_user())

    def ids(state=""):
        rows = buyer.get(f"me/coupons{state}").json()["results"]
        return [(row["id"], row["state"]) for row in rows]

    assert ids() == [(str(fresh.reference), "UNUSED"), (str(stale.reference), "EXPIRED")]
    assert ids("?state=UNUSED") == [(str(fresh.reference), "UNUSED")]
    assert ids("?state=EXPIRED") == [(str(stale.reference), "EXPIRED")]
    assert ids("?state=USED") == []
    problem(buyer.get("me/coupons?state=LOST"), 400, "INVALID_INPUT")


def test_a_section_lists_the_coupons_that_name_it(staff, buyer):
    hubei, other = a_section(regions=["420527"]), a_section()
    a_product()
    deliver_all(timezone.now())
    drafted = staff.post("staff/coupon-batches", batch_body(scope={"sections": [hubei.slug]}))
    assert drafted.json()["scope"]["sections"] == [hubei.slug]
    for action in ("submit", "approve"):
        staff.post(f"staff/coupon-batches/{drafted.json()['id']}/transitions", {"action": action})
    a_batch()

    def listed(slug):
        return [row["id"] for row in buyer.get(f"coupon-batches?section={slug}").json()["results"]]

    assert listed(hubei.slug) == [drafted.json()["id"]]
    assert listed(other.slug) == []


def test_nobody_runs_a_shops_coupons_for_somebody_else(seller, shop):
    seller.headers["HTTP_ACTING_FOR"] = str(uuid4())

    problem(seller.get(f"seller/shops/{shop.reference}/coupon-batches"), 403, "SCOPE_FORBIDDEN")


@pytest.fixture
def coded(staff):
    """A batch that is handed out by codes, which are being made."""
    drafted = staff.post("staff/coupon-batches", batch_body(by_code=True, quantity=4)).json()
    life = f"staff/coupon-batches/{drafted['id']}/transitions"
    for action in ("submit", "approve"):
        staff.post(life, {"action": action})
    return f"staff/coupon-batches/{drafted['id']}"


def test_codes_are_made_printed_and_claimed(client, staff, buyer, coded):
    begun = staff.post(f"{coded}/code-run")
    assert begun.status_code == 201, begun.content
    assert (begun.json()["state"], begun.json()["wanted"]) == ("WRITING", 4)
    assert begun.json()["allowed_actions"] == ["stop"]
    step = f"{coded}/code-run/transitions"
    assert staff.post(step, {"action": "stop"}).json()["state"] == "STOPPED"
    problem(staff.post(step, {"action": "stop"}), 409, "ILLEGAL_TRANSITION")
    assert staff.post(step, {"action": "resume"}).json()["state"] == "WRITING"
    codes.write_due(timezone.now())
    told = staff.get(f"{coded}/code-run").json()
    assert (told["state"], told["written"], told["allowed_actions"]) == ("WRITTEN", 4, [])

    answer = staff.get(f"{coded}/codes")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv")
    assert "attachment" in answer["Content-Disposition"]
    lines = answer.getvalue().decode().split("\r\n")
    assert (lines[0], len(lines)) == ("number,code,claimed_at", 6)
    assert staff.get(f"{coded}/codes?after=1").getvalue().decode().split("\r\n")[1] == lines[3]
    printed = [line.split(",")[1] for line in lines[1:5]]

    claimed = buyer.post("coupon-codes/claims", {"code": printed[0]}, key="c1")
    assert claimed.status_code == 201, claimed.content
    assert claimed.json()["batch"]["name"] == "湖北专区满减"
    again = buyer.post("coupon-codes/claims", {"code": printed[0]}, key="c1")
    assert again["Idempotent-Replayed"] == "true"
    used = problem(
        Caller(client, a_user()).post("coupon-codes/claims", {"code": printed[0]}, key="c2"),
        404,
        "COUPON_CODE_REFUSED",
    )
    unknown = problem(
        buyer.post("coupon-codes/claims", {"code": NEVER_MADE}, key="c3"),
        404,
        "COUPON_CODE_REFUSED",
    )
    assert used["detail"] == unknown["detail"]
    assert buyer.get("coupon-batches").json()["results"] == []


NEVER_MADE = code_words.shown(code_words.code_of(b"somebody's guess", 1))


@pytest.mark.parametrize("code", ["", "0000", NEVER_MADE[:-1], NEVER_MADE + "0", "😀" * 16])
def test_a_code_that_cannot_be_one_is_bad_input(buyer, code):
    answer = buyer.post("coupon-codes/claims", {"code": code}, key="k")

    errors = problem(answer, 400, "INVALID_INPUT")["errors"]
    assert [error["pointer"] for error in errors] == ["/code"]


def test_nobody_guesses_codes_for_long(client, settings):
    settings.MARKETPLACE_LIMITS_FACTOR = 1
    guesser = Caller(client, a_user())
    guesses = [code_words.code_of(b"guess", number) for number in range(21)]

    answers = [guesser.post("coupon-codes/claims", {"code": code}, key=code) for code in guesses]

    assert [answer.status_code for answer in answers] == [404] * 20 + [429]
    assert int(answers[-1]["Retry-After"]) > 60


def test_codes_are_for_campaign_managers_only(client, buyer, coded, staff):
    staff.post(f"{coded}/code-run")
    for caller in (buyer, Caller(client, a_staff(Role.REVIEWER))):
        problem(caller.get(f"{coded}/codes"), 403, "FORBIDDEN")
        problem(caller.get(f"{coded}/code-run"), 403, "FORBIDDEN")
        problem(caller.post(f"{coded}/code-run"), 403, "FORBIDDEN")
    plain = a_batch()
    problem(staff.get(f"staff/coupon-batches/{plain.reference}/codes"), 404, "NOT_FOUND")
    problem(staff.post(f"staff/coupon-batches/{plain.reference}/code-run"), 409, "CODES_NOT_WANTED")


def test_a_batch_names_as_many_as_two_thousand_products(staff, shop):
    goods = [str(a_product(shop).reference) for _ in range(3)]

    drafted = staff.post("staff/coupon-batches", batch_body(scope={"products": goods}))
    unknown = [str(uuid4()) for _ in range(1_997)]
    refused = staff.post("staff/coupon-batches", batch_body(scope={"products": goods + unknown}))

    assert drafted.status_code == 201
    assert drafted.json()["scope"]["products"] == goods
    errors = problem(refused, 400, "INVALID_INPUT")["errors"]
    assert (len(errors), errors[0]["pointer"]) == (1_997, "/scope/products/3")


def test_a_watched_claim_from_a_capped_budget_costs_at_most_seven_statements(
    client, settings, queries_of
):
    settings.MARKETPLACE_LIMITS_FACTOR = 1
    budget = a_budget(60_000, daily_cap_fen=6_000)
    batch = a_batch(funding=a_batch_funding(budget))
    code = codes_of(with_codes(a_batch(by_code=True, quantity=3), timezone.now()))[0]
    people = [Caller(client, a_user()) for _ in range(4)]
    answers = []

    def claim(caller):
        answers.append(caller.post(f"coupon-batches/{batch.reference}/claims", key=str(uuid4())))

    def claim_by_code(caller):
        answers.append(caller.post("coupon-codes/claims", {"code": code}, key=str(uuid4())))

    claim(people[0])
    assert queries_of(lambda: claim(people[1])) == 7
    assert queries_of(lambda: claim_by_code(people[2])) == 7
    assert [answer.status_code for answer in answers] == [201, 201, 201]

    claim(people[3])
    told = problem(answers[-1], 409, "BUDGET_EXHAUSTED")
    assert told["limit"] == "DAY"
    assert datetime.fromisoformat(told["opens_again_at"]) > timezone.now()


def test_an_outlook_says_what_a_batch_would_do_and_what_stops_it(staff):
    section = a_section(regions=["420527"])
    budget = str(a_budget().reference)
    body = batch_body(
        kind="DIRECT",
        threshold_fen=None,
        amount_fen=2_000,
        scope={"sections": [section.slug]},
        funding=[{"funder": "PLATFORM", "bp": 10_000, "budget": budget}],
    )
    drafted = staff.post("staff/coupon-batches", body).json()["id"]
    address = f"staff/coupon-batches/{drafted}"
    empty = staff.get(f"{address}/outlook").json()

    product = a_product(price_fen=1_990)
    deliver_all(timezone.now())
    found = staff.get(f"{address}/outlook").json()

    assert (empty["products"], empty["samples"]) == (0, [])
    assert {"code": "BATCH_SCOPE_EMPTY", "stops": True} in empty["findings"]
    assert (found["products"], found["counting"], found["shops"], found["counties"]) == (1, 1, 1, 1)
    assert found["samples"] == [
        {
            "product": str(product.reference),
            "title": product.title,
            "price_fen": 1_990,
            "pieces": 1,
            "sale_fen": 1_990,
            "discount_fen": 1_990,
            "paid_fen": 0,
        }
    ]
    assert {"code": "BATCH_ABOVE_PRICE", "stops": True} in found["findings"]
    assert found["sections"][0]["is_missed"] is False
    staff.post(f"{address}/transitions", {"action": "submit"})
    refusal = staff.post(f"{address}/transitions", {"action": "approve"})
    assert problem(refusal, 409, "BATCH_ABOVE_PRICE")["cheapest_fen"] == 1_990


def test_much_money_needs_a_second_officer_over_the_interface(client, staff, settings):
    settings.MARKETPLACE_FOUR_EYES_FEN = 1_000
    other = Caller(client, a_staff(Role.CAMPAIGN_MANAGER))
    drafted = staff.post("staff/coupon-batches", batch_body()).json()["id"]
    address = f"staff/coupon-batches/{drafted}"
    assert staff.get(f"{address}/outlook").json()["needs_second_officer"] is True
    staff.post(f"{address}/transitions", {"action": "submit"})

    problem(
        staff.post(f"{address}/transitions", {"action": "approve"}), 409, "SECOND_OFFICER_NEEDED"
    )

    assert other.post(f"{address}/transitions", {"action": "approve"}).json()["state"] == "ACTIVE"
    problem(other.patch(address, {"quantity": 10_000}), 409, "BATCH_ABOVE_APPROVED")
