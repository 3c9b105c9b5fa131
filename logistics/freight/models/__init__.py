from logistics.freight.models.template import FreightFreeRule, FreightRule, FreightTemplate

__all__ = ["FreightFreeRule", "FreightRule", "FreightTemplate"]
