from core.regions.models.pairing import RegionPairing
from core.regions.models.programme import Programme, ProgrammeMembership, Resolution
from core.regions.models.region import Region

__all__ = ["Programme", "ProgrammeMembership", "Region", "RegionPairing", "Resolution"]
