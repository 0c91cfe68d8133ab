"""Rights: runs and decisions, the papers people carry, what they ask for, what must come back, and calls about them."""

from certificates.models.coming import ComingFace
from certificates.models.contacts import Contact
from certificates.models.papers import ElderlyBeneficiaryCertificate, EligibilityCertificate, LegacyCard
from certificates.models.recovery import Recovery
from certificates.models.requests import Application, Deregistration, Filing, Inquiry, Via
from certificates.models.rows import OtherLine
from certificates.models.runs import Decision, Ruling, Run, SerialCounter

__all__ = [
    "Application",
    "ComingFace",
    "Contact",
    "Decision",
    "Deregistration",
    "ElderlyBeneficiaryCertificate",
    "EligibilityCertificate",
    "Filing",
    "Inquiry",
    "LegacyCard",
    "OtherLine",
    "Recovery",
    "Ruling",
    "Run",
    "SerialCounter",
    "Via",
]
