from core.accounts.models.address import Address
from core.accounts.models.code import CodeDay, PhoneCode
from core.accounts.models.guarding import RecoveryCode, SecondFactor, SignInCount
from core.accounts.models.mandate import Mandate
from core.accounts.models.organisation import Organisation, RoleMembership
from core.accounts.models.session import Ending, Session, Token, TokenKind
from core.accounts.models.user import User

__all__ = [
    "Address",
    "CodeDay",
    "Ending",
    "Mandate",
    "Organisation",
    "PhoneCode",
    "RecoveryCode",
    "RoleMembership",
    "SecondFactor",
    "Session",
    "SignInCount",
    "Token",
    "TokenKind",
    "User",
]
