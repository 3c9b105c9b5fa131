"""What a flash sale must be: short, and really cheaper (`domain.md` 2.4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import DomainError
from core.money import BASIS_POINTS


class FlashTooLong(DomainError):
    """A flash sale is over within hours; choose an earlier end."""

    code = "FLASH_TOO_LONG"
    zh = "秒杀时长超过上限，请把结束时间提前。"
    status = 422


class FlashListPriceTooLow(DomainError):
    """What is as cheap as this is not sold in flash sales."""

    code = "FLASH_LIST_PRICE_TOO_LOW"
    zh = "商品原价过低，不能参加秒杀。"
    status = 422


class FlashPriceOutOfRange(DomainError):
    """The price lies outside the part of the ordinary price that a flash sale may ask for."""

    code = "FLASH_PRICE_OUT_OF_RANGE"
    zh = "秒杀价相对原价的折扣超出允许范围。"
    status = 422


class FlashTooLittleOff(DomainError):
    """A flash sale takes more off the ordinary price than this."""

    code = "FLASH_TOO_LITTLE_OFF"
    zh = "秒杀价比原价优惠的金额不足。"
    status = 422


@dataclass(frozen=True, slots=True)
class Rails:
    """How long a flash sale may take, and what it may cost; the ordinary price lies above one."""

    longest: timedelta = timedelta(hours=24)
    list_price_above_fen: int = 1_000
    price_bp_min: int = 1_000
    price_bp_max: int = 8_500
    off_fen_min: int = 1_000

    def insist(
        self, *, price_fen: int, list_price_fen: int, starts_at: datetime, ends_at: datetime
    ) -> None:
        """Refuse what is no flash sale.

        Raises:
            FlashTooLong: it would take longer than the longest.
            FlashListPriceTooLow: the ordinary price is too low for one.
            FlashPriceOutOfRange: it asks for too small or too large a part of it.
            FlashTooLittleOff: it takes too little off.
        """
        if ends_at - starts_at > self.longest:
            raise FlashTooLong(longest_minutes=self.longest // timedelta(minutes=1))
        if list_price_fen <= self.list_price_above_fen:
            raise FlashListPriceTooLow(
                list_price_fen=list_price_fen, above_fen=self.list_price_above_fen
            )
        # Multiplied out: no rounding decides about a fen.
        part = price_fen * BASIS_POINTS
        if not list_price_fen * self.price_bp_min <= part <= list_price_fen * self.price_bp_max:
            raise FlashPriceOutOfRange(
                list_price_fen=list_price_fen,
                from_bp=self.price_bp_min,
                to_bp=self.price_bp_max,
            )
        if list_price_fen - price_fen < self.off_fen_min:
            raise FlashTooLittleOff(list_price_fen=list_price_fen, off_fen_min=self.off_fen_min)
