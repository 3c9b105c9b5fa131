"""What only tests need."""

from marketplace.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = False
MARKETPLACE_SANDBOX = True
MARKETPLACE_LIMITS_FACTOR = 1_000
