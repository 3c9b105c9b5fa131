from django.urls import path

from logistics.freight.api import holds, templates

urlpatterns = [
    path("seller/shops/<uuid:shop>/freight-templates", templates.Templates.as_view()),
    path("seller/freight-templates/<uuid:template>", templates.Template.as_view()),
    path("staff/dispatch-holds", holds.DispatchHolds.as_view()),
    path("staff/dispatch-holds/<uuid:reference>/lifting", holds.Lifting.as_view()),
]
