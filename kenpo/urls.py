from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from kenpo.pages import admin_site as admin_site  # registers its pages
from kenpo.pages import contacts as contacts  # registers its pages
from kenpo.pages import person as person  # registers its panel
from kenpo.pages import policy_drafts as policy_drafts  # registers its pages
from kenpo.pages.enclosing import offer_filter
from kenpo.pages.gaps import gaps_board
from kenpo.pages.law import law_page
from kenpo.pages.month import month_page, progress, start_page, without_file_page
from kenpo.pages.month_upload import receive_page
from kenpo.pages.papers import printed_picture
from kenpo.pages.policy import change_page, policy_page
from kenpo.pages.recovery_letters import letters_file, letters_page
from kenpo.pages.search import search_page
from kenpo.pages.statistics import decision_page, register_page, statistics_page
from kenpo.pages.surveys import survey_view
from kenpo.pages.tables import bad_file, export_file, offer_tables, table_page, tables_page, template_file
from kenpo.pages.tables_check import check_page
from kenpo.pages.wording import change_page as wording_change_page
from kenpo.pages.wording import wording_page
from mailing.pages.addresses import addresses_page
from mailing.pages.ledger import ledger_page

offer_tables()
offer_filter()
handler500 = "kenpo.pages.failures.failed"
_tables = "admin/exchange-of-files"
urlpatterns = [
    path("admin/gaps/", admin.site.admin_view(gaps_board), name="gaps"),
    path("admin/surveys/<slug:kind>/", admin.site.admin_view(survey_view), name="survey"),
    path("admin/statistics/", admin.site.admin_view(statistics_page), name="statistics"),
    path("admin/statistics/decision/", admin.site.admin_view(decision_page), name="decision_sheet"),
    path("admin/statistics/register/", admin.site.admin_view(register_page), name="register"),
    path("admin/recovery-letters/", admin.site.admin_view(letters_page), name="recovery_letters"),
    path("admin/recovery-letters/<str:name>", admin.site.admin_view(letters_file), name="recovery_letters_file"),
    path("admin/ledger/", admin.site.admin_view(ledger_page), name="ledger"),
    path("admin/addresses/", admin.site.admin_view(addresses_page), name="addresses"),
    path("admin/search/", admin.site.admin_view(search_page), name="search"),
    path("admin/printed/<str:kind>/<int:document_id>.png", admin.site.admin_view(printed_picture), name="printed"),
    path("admin/month/", admin.site.admin_view(month_page), name="month"),
    path("admin/month/receive/", admin.site.admin_view(receive_page), name="month_receive"),
    path("admin/month/run/", admin.site.admin_view(start_page), name="month_run"),
    path("admin/month/without-file/", admin.site.admin_view(without_file_page), name="month_without_file"),
    path("admin/policy/", admin.site.admin_view(policy_page), name="policy"),
    path("admin/policy/change/", admin.site.admin_view(change_page), name="policy_change"),
    path("admin/wording/", admin.site.admin_view(wording_page), name="wording"),
    path("admin/wording/<slug:letter>/<slug:key>/", admin.site.admin_view(wording_change_page), name="wording_change"),
    path("admin/law/", admin.site.admin_view(law_page), name="law"),
    path("admin/jobs/<int:pk>.json", admin.site.admin_view(progress), name="job_progress"),
    path(f"{_tables}/", admin.site.admin_view(tables_page), name="tables"),
    path(f"{_tables}/check/<str:name>/", admin.site.admin_view(check_page), name="table_check"),
    path(f"{_tables}/check/<str:name>/bad.<str:form>", admin.site.admin_view(bad_file), name="table_bad"),
    path(f"{_tables}/<str:code>/", admin.site.admin_view(table_page), name="table"),
    path(f"{_tables}/<str:code>/export/", admin.site.admin_view(export_file), name="table_export"),
    path(f"{_tables}/<str:code>/template.<str:form>", admin.site.admin_view(template_file), name="table_template"),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
]
