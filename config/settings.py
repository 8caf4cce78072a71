"""Settings of the arena. Everything an operator may change is an environment variable."""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from .embedded import Servers
from .endpoints import celery_broker, database

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where the state lives: databases, weights, logs. The only folder to back up, or to wipe.
VAR = Path(env.str("ARENA_VAR", default=str(BASE_DIR / "var")))
# "inference" is a process that runs models: it gets no database and no secret.
ROLE = env.str("ARENA_ROLE", default="site")

DEBUG = env.bool("DEBUG", default=False)
SITE_NAME = env.str("SITE_NAME", default="Evenhand")
# Whole addresses on pages begin with it; empty: as each visitor addresses the site.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _secret_key() -> str:
    """From the environment, else made once and kept in `var` for its owner's eyes only."""
    if ROLE == "inference":
        return secrets.token_urlsafe(50)
    if given := env.str("SECRET_KEY", default=""):
        return str(given)
    file = VAR / "secret_key"
    if not file.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)  # atomic: of two processes at first start, one wins
        fresh.unlink()
    return file.read_text().strip()


SECRET_KEY = _secret_key()

INSTALLED_APPS = [
    "config",
    "ratings",
    "arena",
    "inference",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "arena.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "arena.pages.site.context",
            ],
        },
    },
]

# Servers: yours when named in the environment, else the embedded ones.
_embedded = Servers(VAR).urls
REDIS_URL = env.str("REDIS_URL", default="") or _embedded["REDIS_URL"]
if ROLE == "inference":
    # Any use of the database in such a process fails at once, instead of quietly working here
    # and failing on a model host that has none.
    DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
else:
    DATABASES = {
        "default": database(
            env.str("DATABASE_URL", default="") or _embedded["DATABASE_URL"],
            pool_size=env.int("DATABASE_POOL", default=16),
        )
    }

CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "core"
CELERY_TASK_IGNORE_RESULT = True  # what a task makes goes on through its link
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever, and answers under way are made meanwhile
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 5}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
# What may take long never stands before the arena's own, which are short (`config.periodic` says
# what is sent when).
CELERY_TASK_ROUTES = {
    "ratings.*": {"queue": "background"},
    "arena.run_jobs": {"queue": "background"},
}
# The kinds of file jobs in the admin, a class each (`arena.jobs`).
FILE_JOBS = [
    "arena.exporting.job.Export",
    "arena.importing.job.ImportVotes",
    "arena.importing.job.FetchDemo",
    "ratings.static_site.copies.StaticCopy",
]

# Models
WEIGHTS_DIR = Path(env.str("WEIGHTS_DIR", default=str(VAR / "weights")))
# That decode; none: one for each core. A text, which the worker's command checks as its option.
MODEL_THREADS = env.str("MODEL_THREADS", default="") or None

# Seconds for an answer from the moment its model has a free slot; what is made by then is kept, and
# said to be cut. And for how long it may wait for that slot.
ANSWER_SECONDS = env.float("ANSWER_SECONDS", default=120.0)
QUEUE_SECONDS = env.float("QUEUE_SECONDS", default=600.0)
if not (ANSWER_SECONDS > 0 and QUEUE_SECONDS > 0):
    raise ImproperlyConfigured("ANSWER_SECONDS and QUEUE_SECONDS have to be above 0.")

# Publications
PUBLISH_EVERY = timedelta(hours=env.float("PUBLISH_HOURS", default=1.0))
PUBLISH_SLICES_EVERY = timedelta(hours=env.float("PUBLISH_SLICES_HOURS", default=24.0))
WORDS_PER_SECOND = env.float("WORDS_PER_SECOND", default=16.0)  # of both answers, while shown
ARCHIVE_VOTES = env.int("ARCHIVE_VOTES", default=1_000_000)  # files with more hold tallies only

# Slices of a leaderboard with fewer votes say so instead of ranking
SLICE_VOTES = env.int("SLICE_VOTES", default=300)

# Pages
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}

# Security: no inline script or style, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
HTTPS = env.bool("HTTPS", default=False)  # set it behind a TLS proxy that sends X-Forwarded-Proto
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

# Signing in: no password that is guessed at once, and no guessing for long.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it refuses before a password is looked at
    "django.contrib.auth.backends.ModelBackend",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
# By address alone: by name, anybody could lock an admin out.
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked_out.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
