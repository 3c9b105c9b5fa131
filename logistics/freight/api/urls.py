from django.urls import path

from logistics.freight.api import templates

urlpatterns = [
    path("seller/shops/<uuid:shop>/freight-templates", templates.Templates.as_view()),
    path("seller/freight-templates/<uuid:template>", templates.Template.as_view()),
]
