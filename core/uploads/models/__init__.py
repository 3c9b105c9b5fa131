from core.uploads.models.upload import Purpose, Upload

__all__ = ["Purpose", "Upload"]
