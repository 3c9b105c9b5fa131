from orders.groupbuys.models.team import Team, TeamMember
from orders.groupbuys.models.terms import GroupTerms

__all__ = ["GroupTerms", "Team", "TeamMember"]
