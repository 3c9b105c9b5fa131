"""Being signed in: tokens rotate, a second use of one ends the session, nothing is kept plain."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.accounts.models import Ending, Session, Token, User
from core.accounts.selectors.sessions import signed_in_with
from core.accounts.services import forgetting, sessions
from tests.factories.accounts import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(now):
    with transaction.atomic():
        return sessions.open_for(a_user(), now=now)


def test_an_access_token_is_looked_up_in_one_statement(tokens, now, queries_of):
    assert queries_of(lambda: signed_in_with(tokens.access, now).user.name) == 1


def test_an_access_token_runs_out(tokens, now, settings):
    assert signed_in_with(tokens.access, now).user == tokens.user

    assert signed_in_with(tokens.access, now + settings.MARKETPLACE_ACCESS_TTL) is None


def test_a_refresh_token_is_no_access_token(tokens, now):
    assert signed_in_with(tokens.refresh, now) is None


def test_tokens_are_kept_only_as_digests(tokens):
    kept = Token.objects.values_list("digest", flat=True)

    assert len(kept) == 2
    assert not {tokens.access, tokens.refresh} & set(kept)


def test_a_refresh_gives_new_tokens_of_the_same_session(tokens, now):
    fresh = sessions.refresh(tokens.refresh, now=now)

    assert fresh.user == tokens.user
    assert signed_in_with(fresh.access, now) is not None
    assert Session.objects.count() == 1


def test_a_refresh_token_used_twice_ends_its_whole_session(tokens, now):
    fresh = sessions.refresh(tokens.refresh, now=now)

    with pytest.raises(sessions.RefreshRefused):
        sessions.refresh(tokens.refresh, now=now)

    assert signed_in_with(fresh.access, now) is None
    assert Session.objects.get().ending == Ending.REUSED
    with pytest.raises(sessions.RefreshRefused):
        sessions.refresh(fresh.refresh, now=now)


def test_an_unknown_refresh_token_ends_nobody(tokens, now):
    with pytest.raises(sessions.RefreshRefused):
        sessions.refresh("made up", now=now)

    assert signed_in_with(tokens.access, now) is not None


def test_a_refresh_token_runs_out(tokens, now, settings):
    with pytest.raises(sessions.RefreshRefused):
        sessions.refresh(tokens.refresh, now=now + settings.MARKETPLACE_REFRESH_TTL)


def test_signing_out_ends_this_session_and_no_other(tokens, now):
    with transaction.atomic():
        elsewhere = sessions.open_for(tokens.user, now=now)
        token = signed_in_with(tokens.access, now)

        assert sessions.end(token.session_id, now=now)

    assert signed_in_with(tokens.access, now) is None
    assert signed_in_with(elsewhere.access, now) is not None


def test_a_closed_account_is_signed_out_at_once(tokens, now):
    User.objects.filter(pk=tokens.user.pk).update(is_active=False)

    assert signed_in_with(tokens.access, now) is None
    with pytest.raises(sessions.RefreshRefused):
        sessions.refresh(tokens.refresh, now=now)


def test_tokens_and_sessions_are_forgotten_in_their_time(tokens, now, settings):
    later = now + settings.MARKETPLACE_REFRESH_TTL + timedelta(days=1)

    assert forgetting.forget_sessions(now=now) == 0
    assert forgetting.forget_sessions(now=later) == 2
    assert forgetting.forget_sessions(now=later + forgetting.SESSIONS_KEPT) == 1
