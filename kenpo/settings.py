"""Settings, from the environment. Nothing secret stands here; see .env.example for every name."""

from __future__ import annotations

import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any

from core.broker import with_password
from core.secret_files import own_secret
from kenpo import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
KENPO_ENV = os.environ.get("KENPO_ENV", "development")
KENPO_HOME = Path(os.environ.get("KENPO_HOME") or BASE_DIR / "var").resolve()
PRODUCTION = KENPO_ENV == "production"


def _file_or_env(name: str) -> str:
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text(encoding="utf-8").strip() if path else os.environ.get(name, "")


def _fixed_day() -> date | None:
    text = os.environ.get("KENPO_TODAY", "")
    if not text:
        return None
    if PRODUCTION:
        raise SystemExit("本番（KENPO_ENV=production）では KENPO_TODAY を使えません。設定を外してください。")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SystemExit("KENPO_TODAY は YYYY-MM-DD の形の、暦にある日にしてください。") from None


def _secret_key() -> str:
    key = _file_or_env("SECRET_KEY")
    if key:
        return key
    if PRODUCTION:
        raise SystemExit("本番では SECRET_KEY_FILE が要ります。")
    return own_secret(KENPO_HOME / "secrets" / "django.key", secrets.token_urlsafe(48)).decode()


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        if PRODUCTION:
            raise SystemExit("本番では DATABASE_URL が要ります。")
        url = embedded.database_url(KENPO_HOME)
    settings = embedded.database_settings(url)
    if password := _file_or_env("DATABASE_PASSWORD"):
        settings["PASSWORD"] = password
    # The status guards ask for this setting at every row; unset, each question costs a subtransaction.
    settings.setdefault("OPTIONS", {}).setdefault("options", "-c pgtrigger.ignore={}")
    return settings


KENPO_TODAY = _fixed_day()
SECRET_KEY = _secret_key()
ENCRYPTION_KEYS_FILE = os.environ.get("ENCRYPTION_KEYS_FILE") or KENPO_HOME / "secrets" / "encryption.keys"
DEBUG = False
ALLOWED_HOSTS = [h for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h] or ["127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "kenpo",
    "unfold",
    "django.contrib.admin.apps.SimpleAdminConfig",  # each app brings its own pages, see its apps.py
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "import_export",
    "core",
    "members",
    "certificates",
    "notices",
    "exchange",
    "mailing",
    "tools",
]
MIDDLEWARE = [
    "kenpo.pages.health.HealthFirst",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.ReadableText",
]
ROOT_URLCONF = "kenpo.urls"
WSGI_APPLICATION = "kenpo.wsgi.application"
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
                "kenpo.pages.scheme.scheme",
            ]
        },
    }
]
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "core.Clerk"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LANGUAGE_CODE = "ja"
NUMBER_GROUPING = 3  # where a page asks for it: 2,956枚
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or KENPO_HOME / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "core.static_files.OfficeStaticFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = KENPO_HOME / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_TEMP_DIR = KENPO_HOME / "temporary"  # see core.scratch
FILE_UPLOAD_HANDLERS = ["core.uploads.LimitedUpload"]
UPLOAD_LIMIT_BYTES = 1024**3  # the fund's file of a million people is about a hundred megabytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

SESSION_COOKIE_AGE = 60 * 60 * 9
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REDIS_URL = with_password(os.environ.get("REDIS_URL", ""), _file_or_env("REDIS_PASSWORD"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = [
    "files.E001",  # core.scratch makes the folder of uploads when it is first needed
    "security.W004",
    "security.W008",
    "security.W012",
    "security.W016",
]

UNFOLD = {
    "SITE_TITLE": "kenpo",
    "SITE_HEADER": "健康保険組合 業務",
    "SITE_SUBHEADER": "資格確認書の判定・印刷・発送",
    "SITE_URL": None,
    "SITE_SYMBOL": "health_and_safety",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "kenpo.pages.admin_site.favicon"}],
    "STYLES": ["kenpo.pages.admin_site.stylesheet"],
    "DASHBOARD_CALLBACK": "kenpo.pages.home.dashboard",
    "SIDEBAR": {"navigation": "kenpo.pages.admin_site.navigation"},
    # A calm blue; unfold's own is violet.
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
}
