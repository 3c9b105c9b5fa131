"""Production-safe by default; the environment relaxes it for development."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from kombu import Queue

from marketplace.config import env
from marketplace.config.look import UNFOLD  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
LOCAL_DIR = Path(env.text("LOCAL_DIR", str(ROOT / ".local")))

# --- Safety -------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
BEHIND_TLS = env.flag("BEHIND_TLS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
# What holds for subdomains and browsers' own lists is the operator's to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
# Browsers take a cookie of this name only from this very host, over TLS and for all of it.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    f"{'__Host-' if BEHIND_TLS else ''}{name}" for name in ("session", "csrf")
)
SESSION_COOKIE_AGE = 12 * 3_600
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 12}}),
        ("CommonPasswordValidator", {}),
    )
]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "core.http.problems.on_csrf_failure"

# Sealed personal fields: "id:base64 key" pairs, the first one seals, all of them open.
FIELD_KEYS = env.words("FIELD_KEYS")
FIELD_INDEX_KEY = env.text("FIELD_INDEX_KEY")

# --- Apps ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core.http",
    "core.outbox",
    "core.quotas",
    "core.ledger",
    "core.audit",
    "core.regions",
    "core.accounts",
    "core.uploads",
    "core.console",
    "shops.storefronts",
    "shops.catalogue",
    "marketplace.sections",
    "marketplace.abuse",
    "marketplace.coupons",
    "marketplace.reductions",
    "marketplace.activities",
    "marketplace.campaigns",
    "logistics.freight",
    "logistics.sandbox",
    "logistics.parcels",
    "orders.baskets",
    "orders.placement",
    "orders.sandbox",
    "orders.payments",
    "orders.groupbuys",
    "orders.presales",
    "orders.reports",
    "marketplace.config",
]

MIDDLEWARE = [
    "core.http.health.Watch",
    "django.middleware.security.SecurityMiddleware",
    "marketplace.config.policy.Policies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.http.middleware.RequestIdentity",
    "core.http.middleware.AnswerHeaders",
    "core.http.middleware.MethodOverride",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.console.door.SecondFactorFirst",
    "core.accounts.api.acting.RefuseUndeclared",
]

# A benchmark mounts its floors beside the market's own addresses.
ROOT_URLCONF = env.text("ROOT_URLCONF", "marketplace.config.urls")
WSGI_APPLICATION = "marketplace.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Servers ------------------------------------------------------------------------------------


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "core.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(parts.port or "")),
        "ATOMIC_REQUESTS": False,
        # Each thread keeps its connection; a pool hands one over at a third of a page's cost.
        "CONN_MAX_AGE": env.number("DATABASE_CONNECTION_SECONDS", 60),
        "CONN_HEALTH_CHECKS": True,
        # Most statements are the same ones again; planning them costs more than executing them.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3},
    }


DATABASES = {"default": _database(env.text("DATABASE_URL"))}

# "unix:///path?db=0" or "redis://host:port/0"; Celery spells the first "redis+socket://".
REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

# --- Celery -------------------------------------------------------------------------------------


def _broker(url: str) -> str:
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
# Connections are kept from task to task (`core/outbox/signals.py`); by itself Celery opens a new
# one for each, in which every statement is planned anew.
CELERY_DB_REUSE_MAX = 1_000_000_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "queue_order_strategy": "core.outbox.turns:EverySecondTurn",
}
CELERY_TASK_QUEUES = [
    # What the clock drives has a queue of its own, so that no backlog of facts keeps it waiting.
    Queue(name)
    for name in ("deadlines", "orders", "campaigns", "logistics", "catalogue", "bulk")
]
CELERY_TASK_DEFAULT_QUEUE = "bulk"
CELERY_TASK_CREATE_MISSING_QUEUES = False
# Work that a late run may skip expires, so that a stopped worker does not find hours of it.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "sandbox-provider.call-back": {
        "task": "orders.sandbox.tasks.call_back",
        "schedule": 1.0,
        "options": {"expires": 5},
    },
    "payments.close-overdue": {
        "task": "orders.payments.tasks.close_overdue",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "payments.ask-due": {
        "task": "orders.payments.tasks.ask_due",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "payments.send-refunds": {
        "task": "orders.payments.tasks.send_refunds",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "outbox.sweep": {
        "task": "core.outbox.tasks.sweep",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "outbox.prove-chain": {
        "task": "core.outbox.tasks.prove_chain",
        "schedule": 5.0,
        "options": {"expires": 30},
    },
    "catalogue.refresh-stock": {
        "task": "shops.catalogue.tasks.refresh_stock",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "catalogue.withdraw-unlicensed": {
        "task": "shops.catalogue.tasks.withdraw_unlicensed",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    # Cards notice stock and sales some seconds before; together that is well within a minute.
    "sections.refresh": {
        "task": "marketplace.sections.tasks.refresh",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "sections.turn-due": {
        "task": "marketplace.sections.tasks.turn_due",
        "schedule": 2.0,
        "options": {"expires": 5},
    },
    "coupons.expire-coupons": {
        "task": "marketplace.coupons.tasks.expire_coupons",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "coupons.void-coupons": {
        "task": "marketplace.coupons.tasks.void_coupons",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "coupons.write-codes": {
        "task": "marketplace.coupons.tasks.write_codes",
        "schedule": 3.0,
        "options": {"expires": 5},
    },
    "coupons.open-budget-days": {
        "task": "marketplace.coupons.tasks.open_budget_days",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "coupons.watch-budgets": {
        "task": "marketplace.coupons.tasks.watch_budgets",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "coupons.fold-refusals": {
        "task": "marketplace.coupons.tasks.fold_refusals",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    # Campaigns start and end within five seconds of their instants.
    "activities.keep-time": {
        "task": "marketplace.activities.tasks.keep_time",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    # Cards say soon after what was agreed, called off or has sold out.
    "activities.refresh-cards": {
        "task": "marketplace.activities.tasks.refresh_cards",
        "schedule": 3.0,
        "options": {"expires": 5},
    },
    "campaigns.keep-time": {
        "task": "marketplace.campaigns.tasks.keep_time",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    "reductions.keep-time": {
        "task": "marketplace.reductions.tasks.keep_time",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    # With a grace of a minute, a team that ran out is decided within a minute and a half.
    "groupbuys.expire-due": {
        "task": "orders.groupbuys.tasks.expire_due",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "presales.keep-time": {
        "task": "orders.presales.tasks.keep_time",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "presales.settle-defaults": {
        "task": "orders.presales.tasks.settle_defaults",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "placement.complete-due": {
        "task": "orders.placement.tasks.complete_due",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "outbox.purge": {"task": "core.outbox.tasks.purge", "schedule": 600.0},
    "http.forget-old-answers": {
        "task": "core.http.tasks.forget_old_answers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "accounts.forget-codes": {
        "task": "core.accounts.tasks.forget_codes",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "accounts.forget-sessions": {
        "task": "core.accounts.tasks.forget_sessions",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "accounts.forget-sign-in-counts": {
        "task": "core.accounts.tasks.forget_sign_in_counts",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "uploads.purge-unclaimed": {
        "task": "core.uploads.tasks.purge_unclaimed",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "parcels.ask-carriers": {
        "task": "logistics.parcels.tasks.ask_due",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "sandbox-carrier.call-back": {
        "task": "logistics.sandbox.tasks.call_back",
        "schedule": 1.0,
        "options": {"expires": 10},
    },
    # More often than the daily turn needs: a late worker then costs minutes, not a day.
    "storefronts.expire-licences": {
        "task": "shops.storefronts.tasks.expire_licences",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "storefronts.warn-of-licences": {
        "task": "shops.storefronts.tasks.warn_of_licences",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
}

# --- Interface ----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.http.rendering.JsonParser"],
    "DEFAULT_THROTTLE_CLASSES": ["core.http.limits.RateLimit"],
    "EXCEPTION_HANDLER": "core.http.problems.as_problem",
    "DEFAULT_SCHEMA_CLASS": "core.http.schema.MarketSchema",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Farm-produce marketplace",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Enums stay where they are used: many rooms have a `state` of their own.
    "POSTPROCESSING_HOOKS": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    },
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(LOCAL_DIR / "static")))
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(LOCAL_DIR / "media")))
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

LOGGING_CONFIG = "core.http.logs.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO")}

# --- The market's own knobs ---------------------------------------------------------------------

MARKETPLACE_PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000")
MARKETPLACE_SANDBOX = env.flag("SANDBOX")
# With it, `marketplace.config.safety` refuses to start on the settings of a trial.
MARKETPLACE_PRODUCTION = env.flag("PRODUCTION")
# Whether staff may enter the console by a password alone; they never may in production.
MARKETPLACE_CONSOLE_SECOND_FACTOR = MARKETPLACE_PRODUCTION or env.flag(
    "MARKETPLACE_CONSOLE_SECOND_FACTOR"
)
# The console's first user, for the demonstration market only.
MARKETPLACE_ADMIN_PASSWORD = env.text("ADMIN_PASSWORD", "")
# Exact origins of the pages in browsers that may call the API; nobody until somebody is named.
MARKETPLACE_CORS_ORIGINS = env.words("CORS_ORIGINS")
MARKETPLACE_UNPAID_MINUTES = env.number("MARKETPLACE_UNPAID_MINUTES", 15)
# An order at the price of a flash sale waits no longer than this.
MARKETPLACE_FLASH_UNPAID_MINUTES = env.number("MARKETPLACE_FLASH_UNPAID_MINUTES", 10)
# What a flash sale must be: over in time, of goods dear enough, and really cheaper.
MARKETPLACE_FLASH_HOURS_MAX = env.number("MARKETPLACE_FLASH_HOURS_MAX", 24)
MARKETPLACE_FLASH_LIST_PRICE_ABOVE_FEN = env.number("MARKETPLACE_FLASH_LIST_PRICE_ABOVE_FEN", 1_000)
MARKETPLACE_FLASH_PRICE_BP_MIN = env.number("MARKETPLACE_FLASH_PRICE_BP_MIN", 1_000)
MARKETPLACE_FLASH_PRICE_BP_MAX = env.number("MARKETPLACE_FLASH_PRICE_BP_MAX", 8_500)
MARKETPLACE_FLASH_OFF_FEN_MIN = env.number("MARKETPLACE_FLASH_OFF_FEN_MIN", 1_000)
# So many checkouts a web process works on at once; whoever comes besides hears 429. 0: no bound.
MARKETPLACE_CHECKOUTS_AT_ONCE = env.number("MARKETPLACE_CHECKOUTS_AT_ONCE", 12)
# Of them so many for goods in a flash sale, so that its crowd leaves room for everybody else.
MARKETPLACE_FLASH_CHECKOUTS_AT_ONCE = env.number("MARKETPLACE_FLASH_CHECKOUTS_AT_ONCE", 4)
# How long buyers may object after signing is the category's; nobody waits longer than this.
MARKETPLACE_CONFIRM_MINUTES_MAX = env.number("MARKETPLACE_CONFIRM_MINUTES_MAX", 43_200)
MARKETPLACE_ACCESS_TTL = timedelta(minutes=env.number("MARKETPLACE_ACCESS_MINUTES", 60))
MARKETPLACE_REFRESH_TTL = timedelta(days=30)
# Messages cost money: what the whole market sends at most on one day.
MARKETPLACE_CODES_PER_DAY = env.number("MARKETPLACE_CODES_PER_DAY", 50_000)
# Where codes are handed over in production; the sandbox shows them instead.
MARKETPLACE_SMS_URL = env.text("MARKETPLACE_SMS_URL", "")
MARKETPLACE_SMS_TOKEN = env.text("MARKETPLACE_SMS_TOKEN", "")
# A batch of coupons that could cost more is approved by somebody else than who drafted it. 0: any.
MARKETPLACE_FOUR_EYES_FEN = env.number("MARKETPLACE_FOUR_EYES_FEN", 10_000_000)
MARKETPLACE_COMMISSION_BP = env.number("MARKETPLACE_COMMISSION_BP", 200)
# Multiplies every rate limit: generous where a crowd signs in from one address.
MARKETPLACE_LIMITS_FACTOR = env.number("MARKETPLACE_LIMITS_FACTOR", 1)
MARKETPLACE_DELIVERY_KEEP = timedelta(days=env.number("MARKETPLACE_DELIVERY_KEEP_DAYS", 7))
# Which carrier fetches what the platform ships, and how often it is asked when it says nothing.
MARKETPLACE_CARRIER = env.text("MARKETPLACE_CARRIER", "sandbox")
MARKETPLACE_TRACKING_POLL_MINUTES = env.number("MARKETPLACE_TRACKING_POLL_MINUTES", 30)
# The sandbox carrier collects by itself so long after, and delivers as long after that; 0: never.
MARKETPLACE_SANDBOX_CARRIER_SECONDS = env.number("MARKETPLACE_SANDBOX_CARRIER_SECONDS", 0)
