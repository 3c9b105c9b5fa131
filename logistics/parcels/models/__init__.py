from logistics.parcels.models.parcel import Parcel, ParcelLine, TrackingEvent

__all__ = ["Parcel", "ParcelLine", "TrackingEvent"]
