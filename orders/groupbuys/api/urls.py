from django.urls import path

from orders.groupbuys.api.seller import CallingOff, ShopGroupBuys
from orders.groupbuys.api.teams import GroupBuy, GroupBuys, Members, MyTeams, Team, Teams

urlpatterns = [
    path("group-buys", GroupBuys.as_view()),
    path("group-buys/<uuid:group_buy>", GroupBuy.as_view()),
    path("group-buys/<uuid:group_buy>/teams", Teams.as_view()),
    path("teams/<uuid:team>", Team.as_view()),
    path("teams/<uuid:team>/members", Members.as_view()),
    path("me/teams", MyTeams.as_view()),
    path("seller/shops/<uuid:shop>/group-buys", ShopGroupBuys.as_view()),
    path("seller/shops/<uuid:shop>/group-buys/<uuid:group_buy>/calling-off", CallingOff.as_view()),
]
