from core.http.models.answer import Answer

__all__ = ["Answer"]
