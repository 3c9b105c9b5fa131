from logistics.freight.models.hold import DispatchHold
from logistics.freight.models.template import FreightFreeRule, FreightRule, FreightTemplate

__all__ = ["DispatchHold", "FreightFreeRule", "FreightRule", "FreightTemplate"]
