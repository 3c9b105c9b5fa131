"""Parcels in the console: where they are, and asking carriers again."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters, lives
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.regions.selectors import divisions
from core.transactions import entry
from logistics.parcels.domain.states import PARCEL, ParcelState
from logistics.parcels.models import Parcel
from logistics.parcels.selectors import console
from logistics.parcels.services import asking


def _parked() -> Q:
    return Q(parked_at__isnull=False)


@admin.register(Parcel)
class ParcelPage(ReadPage):
    """Boxes on their way."""

    rows = staticmethod(console.parcels_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.ORDERS, 30, "local_shipping"
    called = (said("parcel", "包裹"), said("parcels", "包裹"))
    states = ParcelState
    colours = {
        ParcelState.PLANNED: figures.AMBER,
        ParcelState.CREATED: figures.AMBER,
        ParcelState.COLLECTED: figures.BLUE,
        ParcelState.IN_TRANSIT: figures.BLUE,
        ParcelState.DELIVERING: figures.BLUE,
        ParcelState.SIGNED: figures.GREEN,
        ParcelState.PROBLEM: figures.RED,
        ParcelState.REFUSED: figures.RED,
        ParcelState.RETURNED: figures.RED,
    }
    list_display = (
        "waybill",
        "carrier_name",
        "shop_name",
        "standing",
        "weight",
        "county",
        "planned",
        "trouble",
    )
    list_filter = (
        filters.by_code("state", ParcelState, said("State", "状态")),
        filters.by_question("parked", said("Attention", "关注"), said("Parked", "已搁置"), _parked),
        filters.by_days("planned_at", said("Planned", "计划时间")),
    )
    search_fields = ("waybill_no__startswith",)
    search_help_text = said("Waybill number", "运单号")
    fields = (
        "waybill",
        "carrier_name",
        "shop_name",
        "standing",
        "weight",
        "contents",
        "address",
        "reports",
        "planned",
        "collected",
        "signed",
        "trouble",
        "steps",
    )
    ordering = ("-pk",)
    actions = ("ask_again",)

    def prepare(self, rows: Sequence[Parcel]) -> None:
        """Read the names of all counties at once."""
        divisions.names({row.region for row in rows})

    def acts_on(self, row: Parcel) -> list[str]:
        """Only what is parked waits for a person."""
        return ["ask_again"] if row.parked_at else []

    @admin.display(description=said("Waybill", "运单号"), ordering="waybill_no")
    def waybill(self, row: Parcel) -> str:
        return row.waybill_no or str(row.reference)[:8]

    @admin.display(description=said("Carrier", "承运商"))
    def carrier_name(self, row: Parcel) -> str:
        return console.carrier_name(row.carrier)

    @admin.display(description=said("From", "发货店铺"))
    def shop_name(self, row: Parcel) -> str:
        return row.shop.name

    @admin.display(description=said("Weight", "毛重"), ordering="gross_g")
    def weight(self, row: Parcel) -> str:
        return figures.kilograms(row.gross_g)

    @admin.display(description=said("To", "收货地区"), ordering="region")
    def county(self, row: Parcel) -> str:
        return divisions.names([row.region]).get(row.region, row.region)

    @admin.display(description=said("Planned", "计划时间"), ordering="planned_at")
    def planned(self, row: Parcel) -> str:
        return figures.local_time(row.planned_at)

    @admin.display(description=said("Collected", "揽收时间"))
    def collected(self, row: Parcel) -> str:
        return figures.local_time(row.handed_over_at)

    @admin.display(description=said("Signed for", "签收时间"))
    def signed(self, row: Parcel) -> str:
        return figures.local_time(row.signed_at)

    @admin.display(description=said("Parked", "搁置原因"), ordering="parked_at")
    def trouble(self, row: Parcel) -> str:
        if row.parked_at is None:
            return figures.NOTHING
        return f"{figures.local_time(row.parked_at)} {row.failure}"

    @admin.display(description=said("Contents", "内件"))
    def contents(self, row: Parcel) -> SafeString:
        headings = (chosen("Product", "商品"), chosen("Pieces", "数量"))
        rows = [(line.title, line.quantity) for line in console.lines_of(row)]
        return figures.table(headings, rows, figures={1})

    @admin.display(description=said("To", "收件人"))
    def address(self, row: Parcel) -> SafeString:
        recipient, phone, street = console.address_of(row)
        return figures.lines(f"{recipient} {phone}", f"{self.county(row)} {row.region} {street}")

    @admin.display(description=said("Reports", "物流轨迹"))
    def reports(self, row: Parcel) -> SafeString:
        headings = (chosen("When", "时间"), chosen("State", "状态"), chosen("Says", "说明"))
        return figures.table(
            headings,
            [
                (
                    figures.local_time(event.at),
                    figures.label(ParcelState, event.state),
                    event.text,
                )
                for event in console.events_of(row)
            ],
        )

    @admin.display(description=said("History", "状态记录"))
    def steps(self, row: Parcel) -> SafeString:
        return lives.life(PARCEL, row.pk, ParcelState)

    @admin.action(description=said("Ask the carrier again", "重新请求承运商"))
    def ask_again(self, request: HttpRequest, queryset: QuerySet[Parcel]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        asked = entry(asking.rerun)(ids, now=timezone.now(), actor=self.actor(request))
        self.message_user(
            request, chosen(f"{asked} will be asked about.", f"{asked} 个包裹将重新请求。")
        )
