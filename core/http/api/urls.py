from django.urls import path

from core.http.api import meta

urlpatterns = [
    path("meta/enums", meta.Enums.as_view()),
    path("schema", meta.schema, name="schema"),
]
