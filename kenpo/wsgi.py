import os

from django.core.wsgi import get_wsgi_application

from core.scratch import sweep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kenpo.settings")
application = get_wsgi_application()
sweep()  # what an earlier process left behind when it was killed
