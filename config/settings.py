"""Settings of the arena. Everything an operator may change is an environment variable."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from arena.cookies import named
from arena.limits import AnswerTimes
from inference.contract.limits import ANSWERS
from inference.contract.rights import unacked
from inference.contract.sealing import SHORTEST
from people import vault

from .embedded import Servers
from .embedded.places import kept_secret
from .endpoints import celery_broker, database
from .keeping import *  # noqa: F403  # settings, too
from .limits import TASKS
from .monitoring import *  # noqa: F403  # settings, too
from .numbers import choice, number, pairs, switch
from .privacy import *  # noqa: F403  # settings, too
from .voters import *  # noqa: F403  # settings, too

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# All state is here: databases, weights, logs. The only folder to back up, or to wipe.
VAR = Path(env.str("ARENA_VAR", default=str(BASE_DIR / "var")))
# A process that runs models has the role "inference": it gets no database and no secret key.
ROLE = env.str("ARENA_ROLE", default="site")

DEBUG = switch("DEBUG")
SITE_NAME = env.str("SITE_NAME", default="Evenhand")
# The base of absolute URLs on pages. Empty: the host that each visitor used.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _kept(name: str) -> str:
    """From the environment; otherwise generated once and kept in `var`, readable by its owner. A
    model worker makes none: one that it shares with nobody would be of no use."""
    if given := env.str(name.upper(), default=""):
        return str(given)
    file = VAR / name
    if ROLE == "inference" and not file.exists():
        return ""
    return kept_secret(file)


SECRET_KEY = secrets.token_urlsafe(50) if ROLE == "inference" else _kept("secret_key")
# Encrypts secrets in the database: "new,old". Without it, none can be kept there.
SECRETS_KEY = [] if ROLE == "inference" else vault.checked(env.list("SECRETS_KEY", default=[]))
# What is encrypted with it: what encrypts all of a kind anew, for the command `rotate_keys`.
ENCRYPTED = {
    "API keys": "arena.keys.stored.renew",
    "second factors": "people.signing_in.sealing.renew",
}
# Shared with the model workers: seals the API keys that the site sends them.
WORKER_SECRET = _kept("worker_secret")
if 0 < len(WORKER_SECRET) < SHORTEST:
    raise ImproperlyConfigured(
        f"WORKER_SECRET has {len(WORKER_SECRET)} characters, but must have at least {SHORTEST}."
    )

INSTALLED_APPS = [
    "config",
    "ratings",
    "arena",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "people",
    "inference",
    "arena.control.apps.ControlRoomConfig",
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
    "config.web_life.watched",
    "config.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "config.headers.PolicyMiddleware",
    "arena.cookies.EarlierNamesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "arena.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.watching.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "people.signing_in.middleware.StaffMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "arena.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOADERS = ["config.templates.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "config.templates.Templates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", LOADERS)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "arena.pages.site.context",
            ],
        },
    },
]

# Servers: those named in the environment, otherwise the embedded ones.
_embedded = Servers(VAR).urls_of(ROLE)
REDIS_URL = env.str("REDIS_URL", default="") or _embedded["REDIS_URL"]
PGBOUNCER = switch("PGBOUNCER")  # DATABASE_URL leads to one, in transaction mode
if ROLE == "inference":
    # Any use of the database in such a process fails at once, instead of quietly working here
    # and failing on a model host that has none.
    DATABASES = {"default": {"ENGINE": "django.db.backends.dummy"}}
else:
    DATABASES = {
        "default": database(
            env.str("DATABASE_URL", default="") or _embedded["DATABASE_URL"],
            pool_size=number("DATABASE_POOL", 16, least=0),
            pgbouncer=PGBOUNCER,
        )
    }

CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "core"
CELERY_TASK_IGNORE_RESULT = True  # a task passes its result on through its link
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # whoever reaches the broker could stop all workers
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever; answers under way go on meanwhile
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": TASKS.connect_s,
    "socket_timeout": TASKS.reply_s,
    "visibility_timeout": TASKS.redelivered_s,
    "priority_steps": [0],  # none is used: one key for a queue, not four
    **(unacked(urlsplit(REDIS_URL).username or "worker") if ROLE == "inference" else {}),
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
# Tasks that may take long have their own queue, so that they never delay the arena's short tasks
# (`config.periodic` has the schedule).
CELERY_TASK_ROUTES = {
    "ratings.*": {"queue": "background"},
    "config.*": {"queue": "background"},
    "arena.run_jobs": {"queue": "background"},
    "arena.sweep_*": {"queue": "background"},
    "arena.pause_failing": {"queue": "background"},
    "arena.advance_probes": {"queue": "background"},
    "arena.change_in_bulk": {"queue": "background"},
}
# What says how votes would change a leaderboard, before they are excluded (`arena.counting.bulk`).
BOARD_PREVIEW = "ratings.refreshing.previews.preview"
# The classes of the kinds of file jobs in the admin (`arena.jobs`).
FILE_JOBS = [
    "arena.exporting.job.Export",
    "arena.importing.job.ImportVotes",
    "arena.importing.job.FetchDemo",
    "arena.importing.changing.ChangeImport",
    "arena.labelling.naming_job.JudgeNames",
    "ratings.static_site.copies.StaticCopy",
    "config.backups.job.Backup",
]

# The panels of the admin's first page, in order (`arena.control`).
CONTROL_PANELS = [
    "arena.control.panels.first_steps.FirstSteps",
    "ratings.control.traffic.Traffic",
    "arena.control.panels.people.Waiting",
    "arena.control.panels.people.Pushed",
    "arena.control.panels.odd_rows.OddRows",
    "arena.control.panels.checks.Checker",
    "arena.control.panels.models.Unable",
    "arena.control.panels.models.Failures",
    "ratings.control.leaderboards.Leaderboards",
    "arena.control.panels.machines.Workers",
    "arena.control.panels.placement.Placement",
    "arena.control.panels.machines.Queues",
    "arena.control.panels.proofs.Proofs",
    "arena.control.panels.storage.Storage",
    "arena.control.panels.money.Spending",
    "arena.control.panels.changes.Changes",
]

# Models
WEIGHTS_DIR = Path(env.str("WEIGHTS_DIR", default=str(VAR / "weights")))
# Decoding threads; default: one per core. A string, which the worker command validates.
MODEL_THREADS = env.str("MODEL_THREADS", default="") or None

# How long an answer may take from the moment it gets a slot [s], after which its text is kept and
# marked as cut off; and how long it may wait for a slot [s].
ANSWER_SECONDS = number("ANSWER_SECONDS", ANSWERS.deadline_s)
QUEUE_SECONDS = number("QUEUE_SECONDS", ANSWERS.patience_s)
try:
    AnswerTimes(ANSWER_SECONDS, QUEUE_SECONDS)
except ValueError as error:
    raise ImproperlyConfigured(
        f"ANSWER_SECONDS={ANSWER_SECONDS} and QUEUE_SECONDS={QUEUE_SECONDS} can't be: {error}"
    ) from error

# Publications
PUBLISH_EVERY = timedelta(hours=number("PUBLISH_HOURS", 1.0, least=0))
PUBLISH_SLICES_EVERY = timedelta(hours=number("PUBLISH_SLICES_HOURS", 24.0, least=0))
# Chats with models of one's choice, by name: they count nowhere, but use the same workers.
NAMED_CHATS = switch("NAMED_CHATS")
# For so long a chosen verdict can be taken back in the browser, before anything is stored.
UNDO_SECONDS = number("UNDO_SECONDS", 2.0, least=0, most=5)
WORDS_PER_SECOND = number("WORDS_PER_SECOND", 16.0)  # at which answers are shown
# gCO2e per kWh; 473 is the world's average in EcoLogits' table (`arena.energy`).
GRID_CO2E = number("GRID_CO2E", 473.0, least=0)
ARCHIVE_VOTES = number("ARCHIVE_VOTES", 1_000_000, least=0)  # files with more hold tallies only

# What the desk does with suspected votes until the admin says something else (`ratings.desk`).
DESK = choice("DESK", "hold", "watch", "off")

# The highest level of proof of work that suspected voters are asked for (`arena.limiting.proof`)
PROOF_OF_WORK = number("PROOF_OF_WORK", 3, least=0, most=3)

# Slices of a leaderboard with fewer votes show no ranking
SLICE_VOTES = number("SLICE_VOTES", 300, least=0)

# Pages
LANGUAGE_CODE = "en"
# Each by its own name; docs/translating.md says how to add one.
LANGUAGES = [
    ("en", "English"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "static"
SERVESTATIC_ALLOW_ALL_ORIGINS = False  # no other site needs to read our styles and scripts
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.assets.Assets"},
}

# Security: no inline scripts or styles, nothing from other origins.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        # Scripts may make HTML of strings only where `static/js/trusted.js` does it for them.
        "require-trusted-types-for": ["'script'"],
        # The others are for ALTCHA: its own, and that of static/js/plain.js.
        "trusted-types": ["evenhand", "svelte-trusted-html", "default"],
    }
}
# How many proxies of our own a request comes through: so many entries at the end of X-Forwarded-For
# are theirs. Anybody can write the others.
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0, least=0, most=9)
HTTPS = switch("HTTPS")  # set it behind a TLS proxy that sends X-Forwarded-Proto
CSRF_FAILURE_VIEW = "arena.pages.battles.expired"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = named("sessionid", https=HTTPS)
CSRF_COOKIE_NAME = named("csrftoken", https=HTTPS)
LANGUAGE_COOKIE_NAME = named("language", https=HTTPS)
VOTER_COOKIE_NAME = named("voter", https=HTTPS)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # in no cookie
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz"]  # monitors and load balancers ask without the proxy
SILENCED_SYSTEM_CHECKS = [
    # Whether all other hosts below this one, and for years, have HTTPS too, is not ours to decide.
    "security.W005",
    "security.W021",
]
if not HTTPS:  # `config.checks` says it in one line that names the setting
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

# Signing in: no weak passwords, and a lockout after repeated failures.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: it rejects before any password is checked
    "django.contrib.auth.backends.ModelBackend",
]
STAFF_IDLE_HOURS = number("STAFF_IDLE_HOURS", 72.0, least=0)
PASSWORD_RESET_TIMEOUT = 24 * 3600  # of a link for a new password [s]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
    {"NAME": "people.passwords.NotOfTheArena"},
]
AXES_CLIENT_IP_CALLABLE = "arena.limiting.addresses.guesser"
# By IP address only: with the user name, anyone could lock an admin out.
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "locked_out.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# Its list of failed attempts keeps what was sent, except these.
AXES_SENSITIVE_PARAMETERS = ["username", "password", "password1", "password2", "code"]
AXES_ENABLE_ADMIN = False  # `people.admin` has what is left to show

# Second factors, of the roles in SECOND_FACTOR_ROLES a condition (`people.signing_in`).
SECOND_FACTOR_ROLES = [role.strip() for role in env.list("SECOND_FACTOR_ROLES", default=[])]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
ACCOUNT_ADAPTER = "people.signing_in.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "people.signing_in.adapters.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_TOTP_TOLERANCE = 1  # of 30 seconds, before and after, for clocks that differ
# Signing in at an organisation's own provider. Of the claim, values that mean roles here:
# "arena-admins=Owner, arena-helpers=Moderator".
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="single sign-on")
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", default="groups")
OIDC_ROLES = pairs("OIDC_ROLES")
OIDC_ACR = env.list("OIDC_ACR", default=[])  # how strongly it has to have checked who it is
OIDC_APP = {
    "provider_id": "sso", "name": OIDC_NAME, "client_id": OIDC_CLIENT_ID,
    "secret": OIDC_CLIENT_SECRET, "settings": {"server_url": OIDC_ISSUER},
}  # fmt: skip
SOCIALACCOUNT_ADAPTER = "people.signing_in.admission.Admission"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would need the provider's address in the CSP
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "people.signing_in.oidc.Provider",
        "APPS": [OIDC_APP],
    }
}
# Shared by all web hosts, so that no code works twice; not in Valkey, as staff have to get in when
# that is away.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
}
