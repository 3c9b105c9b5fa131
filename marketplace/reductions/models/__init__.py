from marketplace.reductions.models.reduction import ReductionCover, ReductionTier, ShopReduction

__all__ = ["ReductionCover", "ReductionTier", "ShopReduction"]
