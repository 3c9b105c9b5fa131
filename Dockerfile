# One image for migrate, web, worker and beat. It runs as an ordinary user on a read-only root.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements-production.txt .
RUN python -m venv /venv && /venv/bin/python -m pip install --require-hashes -r requirements-production.txt

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin market \
    && install -d -o market -g market /media
COPY --from=build /venv /venv
WORKDIR /market
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 MEDIA_ROOT=/media STATIC_ROOT=/static
# Collecting needs settings but no server and no secret; nothing of this line stays in the image.
RUN python -m compileall -q /market && SECRET_KEY=unused FIELD_INDEX_KEY=unused \
    DATABASE_URL=postgresql:///unused REDIS_URL=redis://unused python manage.py collectstatic --no-input
RUN python -m core.local.materials /market/sbom.json
ENV PYTHONDONTWRITEBYTECODE=1 PRODUCTION=yes
USER 10001
EXPOSE 8000
CMD ["python", "-m", "granian", "marketplace.config.wsgi:application", "--interface", "wsgi", \
     "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "16", \
     "--respawn-failed-workers", "--no-ws", "--log-level", "warning"]
