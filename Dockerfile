# The office: web, worker, beat and migration are one image with different commands (see docker-compose.yml).
FROM python:3.11.14-slim-bookworm AS packages
# Every distribution is named with its hashes; tests and the embedded PostgreSQL are not among them (see `make lock`).
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock

FROM python:3.11.14-slim-bookworm
# Names are printed with IPAmj Mincho, labels with BIZ UDGothic; nothing else of the system is needed.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-morisawa-bizud-gothic fonts-ipamj-mincho \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin kenpo \
    && install -d -o kenpo -g kenpo -m 0750 /var/lib/kenpo
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=kenpo.settings \
    KENPO_HOME=/var/lib/kenpo \
    STATIC_ROOT=/app/staticfiles
# Collecting files asks no database and keeps no key: the address leads nowhere and the home is thrown away.
RUN KENPO_HOME=/tmp/build DATABASE_URL=postgresql:///build python manage.py collectstatic --noinput \
    && rm -rf /tmp/build
ENV KENPO_ENV=production
USER kenpo
EXPOSE 8000
CMD ["gunicorn", "kenpo.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--timeout", "120", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
